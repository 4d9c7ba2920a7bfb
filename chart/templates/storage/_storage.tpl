{{/* Which object store: the one that is named, else the bundled one. */}}

{{- define "lectern.objectStoreName" -}}
{{- printf "%s-object-store" (include "lectern.fullname" .) -}}
{{- end -}}

{{- define "lectern.objectStoreUrl" -}}
{{- .Values.objectStore.url | default (printf "s3://%s" .Values.objectStore.bundled.bucket) -}}
{{- end -}}

{{- define "lectern.objectStoreEndpoint" -}}
{{- if .Values.objectStore.bundled.enabled -}}
{{- printf "http://%s:8333" (include "lectern.host" (dict "root" . "service" (include "lectern.objectStoreName" .))) -}}
{{- else -}}
{{- .Values.objectStore.endpoint -}}
{{- end -}}
{{- end -}}

{{/* Secret with the store's keys; "" where pods have an identity of their own. */}}
{{- define "lectern.objectStoreSecret" -}}
{{- if .Values.objectStore.existingSecret -}}
{{- .Values.objectStore.existingSecret -}}
{{- else if .Values.objectStore.bundled.enabled -}}
{{- include "lectern.objectStoreName" . -}}
{{- end -}}
{{- end -}}

{{/* Volume of a bundled store or database: dict "root" $ "persistence" dict "component" "…". Under `spec` of a StatefulSet. */}}
{{- define "lectern.volumeClaims" -}}
{{- if .persistence.enabled -}}
volumeClaimTemplates:
  - metadata:
      name: data
      labels:
        {{- include "lectern.selectorLabels" . | nindent 8 }}
    spec:
      accessModes: [ReadWriteOnce]
      {{- with .persistence.storageClass }}
      storageClassName: {{ . }}
      {{- end }}
      resources:
        requests:
          storage: {{ .persistence.size }}
{{- end -}}
{{- end -}}

{{/* Its place in the pod where nothing is to last. */}}
{{- define "lectern.passingVolume" -}}
{{- if not .persistence.enabled -}}
- name: data
  emptyDir:
    sizeLimit: {{ .persistence.size }}
{{- end -}}
{{- end -}}
