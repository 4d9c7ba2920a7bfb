{{/* The standard environment of OpenTelemetry's SDK, where a collector is set: dict "root" $ "function" "parse". */}}
{{- define "lectern.tracingEnvironment" -}}
{{- $tracing := .root.Values.tracing -}}
{{- if $tracing.endpoint -}}
{{- $attributes := merge (deepCopy $tracing.resourceAttributes) (dict "service.namespace" .root.Release.Name "service.version" .root.Chart.AppVersion "k8s.namespace.name" .root.Release.Namespace) -}}
{{- $pairs := list -}}
{{- range $name, $value := $attributes -}}
{{- $pairs = append $pairs (printf "%s=%s" $name $value) -}}
{{- end -}}
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ $tracing.endpoint }}
- name: OTEL_SERVICE_NAME
  value: {{ include "lectern.functionName" . }}
- name: OTEL_RESOURCE_ATTRIBUTES
  value: {{ $pairs | join "," | quote }}
- name: OTEL_TRACES_SAMPLER
  value: parentbased_traceidratio
- name: OTEL_TRACES_SAMPLER_ARG
  value: {{ $tracing.samplingRatio | quote }}
{{- with $tracing.headers.existingSecret }}
- name: OTEL_EXPORTER_OTLP_HEADERS
  valueFrom:
    secretKeyRef:
      name: {{ . }}
      key: {{ $tracing.headers.key }}
{{- end }}
{{- end -}}
{{- end -}}
