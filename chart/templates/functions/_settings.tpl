{{/* The environment that functions, jobs and the web UI share: `settings` under their LECTERN_ names, and what the chart knows itself. */}}
{{- define "lectern.settings" -}}
{{- $environment := dict
  "LECTERN_FUNCTION_URL" (include "lectern.functionUrl" .)
  "LECTERN_STORE" (include "lectern.objectStoreUrl" .)
  "LECTERN_S3_ENDPOINT" (include "lectern.objectStoreEndpoint" .)
  "LECTERN_S3_REGION" .Values.objectStore.region
-}}
{{- range $name, $value := .Values.settings -}}
{{- if kindIs "float64" $value -}}
{{- $value = eq $value (floor $value) | ternary (int64 $value | toString) (toString $value) -}}
{{- end -}}
{{- $_ := set $environment (printf "LECTERN_%s" (snakecase $name | upper)) (toString $value) -}}
{{- end -}}
{{- $_ := set $environment "LECTERN_WEB_PUBLIC_URL" (include "lectern.webPublicUrl" .) -}}
{{- range $name, $value := $environment }}
{{- if $value }}
{{ $name }}: {{ $value | quote }}
{{- end }}
{{- end }}
{{- end -}}
