{{/* Ways in, by the controller that makes them: cookie affinity, upload size, timeouts. Websockets pass all of them by themselves. */}}

{{/* Largest request: the largest document and what a form adds to it, in MiB. */}}
{{- define "lectern.requestMebibytes" -}}
{{- add 2 (div (int64 .Values.settings.maxUploadBytes) 1048576) -}}
{{- end -}}

{{- define "lectern.ingressAnnotations" -}}
{{- $ingress := .Values.ingress -}}
{{- $sticky := $ingress.sticky -}}
{{- if eq $ingress.controller "nginx" }}
nginx.ingress.kubernetes.io/proxy-body-size: {{ printf "%sm" (include "lectern.requestMebibytes" .) }}
nginx.ingress.kubernetes.io/proxy-request-buffering: "off"
nginx.ingress.kubernetes.io/proxy-read-timeout: {{ $ingress.timeoutSeconds | quote }}
nginx.ingress.kubernetes.io/proxy-send-timeout: {{ $ingress.timeoutSeconds | quote }}
{{- if $sticky.enabled }}
nginx.ingress.kubernetes.io/affinity: cookie
nginx.ingress.kubernetes.io/affinity-mode: persistent
nginx.ingress.kubernetes.io/session-cookie-name: {{ $sticky.cookieName }}
nginx.ingress.kubernetes.io/session-cookie-max-age: {{ $sticky.maxAgeSeconds | quote }}
nginx.ingress.kubernetes.io/session-cookie-samesite: Lax
nginx.ingress.kubernetes.io/session-cookie-secure: {{ $ingress.tls.enabled | quote }}
nginx.ingress.kubernetes.io/session-cookie-change-on-failure: "true"
{{- end }}
{{- else if eq $ingress.controller "alb" }}
alb.ingress.kubernetes.io/target-type: ip
alb.ingress.kubernetes.io/healthcheck-path: /healthz
alb.ingress.kubernetes.io/load-balancer-attributes: idle_timeout.timeout_seconds={{ $ingress.timeoutSeconds }}
alb.ingress.kubernetes.io/target-group-attributes: deregistration_delay.timeout_seconds={{ add .Values.web.drainSeconds 20 }}
{{- if $sticky.enabled }},stickiness.enabled=true,stickiness.type=lb_cookie,stickiness.lb_cookie.duration_seconds={{ $sticky.maxAgeSeconds }}{{ end }}
{{- if $ingress.tls.enabled }}
alb.ingress.kubernetes.io/listen-ports: '[{"HTTP": 80}, {"HTTPS": 443}]'
alb.ingress.kubernetes.io/ssl-redirect: "443"
{{- end }}
{{- end }}
{{- with $ingress.tls.clusterIssuer }}
cert-manager.io/cluster-issuer: {{ . }}
{{- end }}
{{- with $ingress.tls.issuer }}
cert-manager.io/issuer: {{ . }}
{{- end }}
{{- end -}}

{{/* Some controllers read affinity from the Service behind the Ingress. */}}
{{- define "lectern.webServiceAnnotations" -}}
{{- $ingress := .Values.ingress -}}
{{- $annotations := dict -}}
{{- if and $ingress.enabled (eq $ingress.controller "traefik") $ingress.sticky.enabled -}}
{{- $annotations = dict
  "traefik.ingress.kubernetes.io/service.sticky.cookie" "true"
  "traefik.ingress.kubernetes.io/service.sticky.cookie.name" $ingress.sticky.cookieName
  "traefik.ingress.kubernetes.io/service.sticky.cookie.maxage" (toString $ingress.sticky.maxAgeSeconds)
  "traefik.ingress.kubernetes.io/service.sticky.cookie.httponly" "true"
  "traefik.ingress.kubernetes.io/service.sticky.cookie.samesite" "lax"
  "traefik.ingress.kubernetes.io/service.sticky.cookie.secure" (toString $ingress.tls.enabled)
-}}
{{- else if and $ingress.enabled (eq $ingress.controller "gce") -}}
{{- $annotations = dict
  "cloud.google.com/neg" (dict "ingress" true | toJson)
  "cloud.google.com/backend-config" (dict "default" (include "lectern.webName" .) | toJson)
-}}
{{- end -}}
{{- toYaml (merge (deepCopy .Values.web.service.annotations) $annotations) -}}
{{- end -}}

{{/* A rule of an HTTPRoute that leads to a Knative Service through Knative's own gateway: dict "root" $ "service" "…" "prefix" "/api/answer" or "/". */}}
{{- define "lectern.knativeRouteRule" -}}
{{- $gateway := .root.Values.httpRoute.gateway -}}
matches:
  - path:
      type: PathPrefix
      value: {{ .prefix }}
filters:
  - type: URLRewrite
    urlRewrite:
      hostname: {{ include "lectern.host" . }}
      {{- if ne .prefix "/" }}
      path:
        type: ReplacePrefixMatch
        replacePrefixMatch: /
      {{- end }}
backendRefs:
  - name: {{ $gateway.service }}
    namespace: {{ $gateway.namespace }}
    port: {{ $gateway.port }}
timeouts:
  request: 0s # Knative's own limits hold
{{- end -}}

{{- define "lectern.checkEdge" -}}
{{- $kind := .Values.web.kind -}}
{{- if and .Values.ingress.enabled (ne $kind "Deployment") -}}
{{- fail "\n\ningress leads to the Deployment of the web UI, but web.kind is KnativeService. Use domainMapping.webHost or httpRoute, or web.kind=Deployment." -}}
{{- end -}}
{{- if and .Values.ingress.enabled .Values.httpRoute.enabled -}}
{{- fail "\n\ningress.enabled and httpRoute.enabled are two ways to one host: choose one." -}}
{{- end -}}
{{- if and .Values.ingress.tls.clusterIssuer .Values.ingress.tls.issuer -}}
{{- fail "\n\ningress.tls.clusterIssuer and ingress.tls.issuer both name who signs the certificate: choose one." -}}
{{- end -}}
{{- if and .Values.domainMapping.enabled .Values.domainMapping.webHost (ne $kind "KnativeService") -}}
{{- fail "\n\ndomainMapping.webHost maps a Knative Service, but web.kind is Deployment. Use ingress or httpRoute, or web.kind=KnativeService." -}}
{{- end -}}
{{- if and .Values.web.autoscaling.enabled (gt (int .Values.web.autoscaling.minReplicas) (int .Values.web.autoscaling.maxReplicas)) -}}
{{- fail (printf "\n\nweb.autoscaling.minReplicas (%d) is more than maxReplicas (%d)." (int .Values.web.autoscaling.minReplicas) (int .Values.web.autoscaling.maxReplicas)) -}}
{{- end -}}
{{- range $where, $names := dict "httpRoute.api.functions" .Values.httpRoute.api.functions "domainMapping.functions" .Values.domainMapping.functions -}}
{{- range $name := $names -}}
{{- if not (hasKey $.Values.functions $name) -}}
{{- fail (printf "\n\n%s names %q, which is none of the functions: %s." $where $name (keys $.Values.functions | sortAlpha | join ", ")) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
