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
