{{/* Which Secret holds what. A Secret the chart makes is random at first and read back ever after. */}}

{{- define "lectern.ownSecret" -}}
{{- .Values.secrets.existingSecret | default (printf "%s-secrets" (include "lectern.fullname" .)) -}}
{{- end -}}

{{- define "lectern.providerSecret" -}}
{{- .Values.secrets.providerSecret | default .Values.secrets.existingSecret -}}
{{- end -}}

{{/* A value of a Secret as it stands in the cluster, in base64, else the given one: dict "root" $ "secret" "…" "key" "…" "otherwise" "…". */}}
{{- define "lectern.kept" -}}
{{- $there := lookup "v1" "Secret" .root.Release.Namespace .secret | default dict -}}
{{- dig "data" .key (.otherwise | b64enc) $there -}}
{{- end -}}

{{/* Which Secret each of `externalSecrets.remoteKeys` fills, and the value that names it. */}}
{{- define "lectern.externalSecretsFill" -}}
{{- range $set, $path := dict
  "own" "secrets.existingSecret"
  "provider" "secrets.providerSecret"
  "database" "database.existingSecret"
  "objectStore" "objectStore.existingSecret"
  "copy" "backup.copy.existingSecret"
  "administrator" "administrator.existingSecret"
  "trust" "trust.caSecret"
  "tracing" "tracing.headers.existingSecret"
  "tests" "tests.existingSecret"
  "kafka" "broker.config.kafka.authSecret"
  "rabbitmq" "broker.config.rabbitmq.connectionSecret"
  "fluentBit" "logging.fluentBit.auth.existingSecret"
  "fluentBitAuthority" "logging.fluentBit.tls.caSecret"
}}
{{- $value := $.Values | mustToJson | mustFromJson }}
{{- range splitList "." $path }}{{ $value = get $value . }}{{ end }}
{{ $set }}: {value: {{ $path }}, secret: {{ $value | quote }}}
{{- end }}
{{- end -}}
