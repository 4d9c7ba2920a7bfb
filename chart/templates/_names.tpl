{{/* Names, labels, images and addresses: what every object of the chart is called. */}}

{{- define "lectern.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 34 | trimSuffix "-" -}}
{{- end -}}

{{/* At most 34 characters: Knative makes "<name>-<function>-00001-private" of it, a DNS label. */}}
{{- define "lectern.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 34 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "lectern.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 34 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 34 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Labels that select the pods of one component: dict "root" $ "component" "parse". */}}
{{- define "lectern.selectorLabels" -}}
app.kubernetes.io/name: {{ include "lectern.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{/* Labels of an object: dict "root" $ "component" "parse". */}}
{{- define "lectern.labels" -}}
{{ include "lectern.selectorLabels" . }}
app.kubernetes.io/part-of: {{ include "lectern.name" .root }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The metadata every object begins with: dict "root" $ "name" "…" "component" "parse" ["annotations" dict] ["labels" dict] ["namespace" "…"]. */}}
{{- define "lectern.metadata" -}}
name: {{ .name }}
namespace: {{ .namespace | default .root.Release.Namespace }}
labels:
  {{- include "lectern.labels" . | nindent 2 }}
  {{- with .labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with merge dict (.annotations | default dict) .root.Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* An image: dict "root" $ "image" .Values.image.functions ["own" true: with image.registry and the chart's version]. */}}
{{- define "lectern.image" -}}
{{- $repository := .image.repository -}}
{{- if and .own .root.Values.image.registry -}}
{{- $repository = printf "%s/%s" (trimSuffix "/" .root.Values.image.registry) $repository -}}
{{- end -}}
{{- if .image.digest -}}
{{- printf "%s@%s" $repository .image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository (.image.tag | default .root.Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{- define "lectern.functionsImage" -}}
{{- include "lectern.image" (dict "root" . "image" .Values.image.functions "own" true) -}}
{{- end -}}

{{- define "lectern.webImage" -}}
{{- include "lectern.image" (dict "root" . "image" .Values.image.web "own" true) -}}
{{- end -}}

{{/* Account of functions and jobs: who the cloud takes them for. */}}
{{- define "lectern.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "lectern.fullname" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{/* Account of pods that need to be nobody for the cloud: the web UI, the bundled database and store. */}}
{{- define "lectern.plainAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- printf "%s-plain" (include "lectern.fullname" .) -}}
{{- else -}}
{{- include "lectern.serviceAccountName" . -}}
{{- end -}}
{{- end -}}

{{/* Host of a Kubernetes or Knative Service of this release: dict "root" $ "service" "lectern-parse". */}}
{{- define "lectern.host" -}}
{{- printf "%s.%s.svc.%s" .service .root.Release.Namespace .root.Values.clusterDomain -}}
{{- end -}}

{{/* Where a function is reached from inside the cluster; "{function}" stands for its name. */}}
{{- define "lectern.functionUrl" -}}
{{- printf "http://%s" (include "lectern.host" (dict "root" . "service" (printf "%s-{function}" (include "lectern.fullname" .)))) -}}
{{- end -}}

{{/* Address people open: what is set, else what the edge answers to, else nothing. */}}
{{- define "lectern.webPublicUrl" -}}
{{- if .Values.settings.webPublicUrl -}}
{{- .Values.settings.webPublicUrl -}}
{{- else if .Values.ingress.enabled -}}
{{- printf "%s://%s" (ternary "https" "http" .Values.ingress.tls.enabled) .Values.ingress.host -}}
{{- else if .Values.httpRoute.enabled -}}
{{- printf "https://%s" .Values.httpRoute.host -}}
{{- else if and .Values.domainMapping.enabled .Values.domainMapping.webHost -}}
{{- printf "%s://%s" (ternary "http" "https" (empty .Values.domainMapping.tlsSecret)) .Values.domainMapping.webHost -}}
{{- end -}}
{{- end -}}
