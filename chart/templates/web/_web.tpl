{{/*
The web UI's name, and its container, the same in a Deployment and in a Knative Service. Their names differ: Knative makes a
Service of the name of its own, which Helm would find in its way when the other kind is chosen.
*/}}

{{- define "lectern.webName" -}}
{{- printf "%s-%s" (include "lectern.fullname" .) (eq .Values.web.kind "KnativeService" | ternary "web-knative" "web") -}}
{{- end -}}

{{/* Whether there may be more than one pod of it: "true" or nothing. */}}
{{- define "lectern.webHasReplicas" -}}
{{- $most := .Values.web.autoscaling.enabled | ternary .Values.web.autoscaling.maxReplicas .Values.web.replicas -}}
{{- if and (eq .Values.web.kind "Deployment") (gt (int $most) 1) }}true{{ end -}}
{{- end -}}

{{- define "lectern.webContainer" -}}
name: web
image: {{ include "lectern.webImage" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
env:
  {{- include "lectern.homeEnvironment" . | nindent 2 }}
  - name: LECTERN_WEB_HOST
    value: 0.0.0.0
  - name: LECTERN_WEB_PORT
    value: "8501"
  - name: LECTERN_WEB_METRICS_PORT
    value: {{ .Values.web.metricsPort | quote }}
  {{- include "lectern.secretEnvironment" (dict "root" . "names" (list "webSecret")) | trim | nindent 2 }}
  {{- range $variable, $value := .Values.web.env }}
  - name: {{ $variable }}
    value: {{ $value | quote }}
  {{- end }}
  {{- include "lectern.settingsEnvironment" . | trim | nindent 2 }}
resources:
  {{- toYaml .Values.web.resources | nindent 2 }}
securityContext:
  {{- include "lectern.securityContext" dict | nindent 2 }}
volumeMounts:
  {{- include "lectern.temporaryMount" . | nindent 2 }}
  {{- with include "lectern.trustMount" . }}
  {{- . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* Labels and annotations of its pods. */}}
{{- define "lectern.webPodMetadata" -}}
labels:
  {{- include "lectern.selectorLabels" (dict "root" . "component" "web") | nindent 2 }}
  {{- with .Values.web.labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with .Values.web.annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
