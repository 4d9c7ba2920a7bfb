{{/* Which database: the one a Secret names, else a Cluster of CloudNativePG, else the bundled one. */}}

{{- define "lectern.databaseName" -}}
{{- printf "%s-database" (include "lectern.fullname" .) -}}
{{- end -}}

{{- define "lectern.databaseSecret" -}}
{{- if .Values.database.existingSecret -}}
{{- .Values.database.existingSecret -}}
{{- else if .Values.database.cloudNativePG.enabled -}}
{{- printf "%s-app" (include "lectern.databaseName" .) -}}
{{- else -}}
{{- include "lectern.databaseName" . -}}
{{- end -}}
{{- end -}}

{{/* CloudNativePG calls the URL `uri`. */}}
{{- define "lectern.databaseSecretKey" -}}
{{- if .Values.database.existingSecret -}}
{{- .Values.database.key -}}
{{- else if .Values.database.cloudNativePG.enabled -}}
uri
{{- else -}}
url
{{- end -}}
{{- end -}}
