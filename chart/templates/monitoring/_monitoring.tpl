{{/* Where an operator reads on: dict "root" $ "alert" "LecternDeadLetters". */}}
{{- define "lectern.runbook" -}}
{{- with .root.Values.monitoring.prometheusRule.runbookUrl -}}
runbook_url: {{ . }}#{{ lower $.alert }}
{{- end -}}
{{- end -}}
