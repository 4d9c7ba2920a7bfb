{{/* The pod of a job on the functions' image: dict "root" $ "component" "…" "args" (list …) "resources" dict "size" "1Gi" ["env" yaml] ["secret" "…": mounted at /run/secrets/lectern] ["once" true: a pod that fails stays, with its log, and no other follows]. */}}
{{- define "lectern.jobPod" -}}
metadata:
  labels:
    {{- include "lectern.selectorLabels" . | nindent 4 }}
spec:
  restartPolicy: {{ ternary "Never" "OnFailure" (.once | default false) }}
  {{- include "lectern.pod" .root | nindent 2 }}
  {{- with include "lectern.scheduling" (dict "root" .root) }}
  {{- . | nindent 2 }}
  {{- end }}
  securityContext:
    {{- include "lectern.podSecurityContext" dict | nindent 4 }}
  containers:
    - name: {{ .component }}
      image: {{ include "lectern.functionsImage" .root }}
      imagePullPolicy: {{ .root.Values.image.pullPolicy }}
      command: [lectern]
      args:
        {{- toYaml .args | nindent 8 }}
      env:
        {{- include "lectern.homeEnvironment" .root | nindent 8 }}
        {{- include "lectern.stateEnvironment" .root | nindent 8 }}
        {{- with .env | default "" | trim }}
        {{- . | nindent 8 }}
        {{- end }}
      envFrom:
        {{- include "lectern.settingsFrom" .root | nindent 8 }}
      resources:
        {{- toYaml .resources | nindent 8 }}
      securityContext:
        {{- include "lectern.securityContext" dict | nindent 8 }}
      volumeMounts:
        {{- include "lectern.temporaryMount" .root | nindent 8 }}
        {{- with include "lectern.trustMount" .root }}
        {{- . | nindent 8 }}
        {{- end }}
        {{- if .secret }}
        - name: secret
          mountPath: /run/secrets/lectern
          readOnly: true
        {{- end }}
  volumes:
    {{- include "lectern.temporaryVolume" . | nindent 4 }}
    {{- with include "lectern.trustVolume" .root }}
    {{- . | nindent 4 }}
    {{- end }}
    {{- with .secret }}
    - name: secret
      secret:
        secretName: {{ . }}
        defaultMode: 0440
    {{- end }}
{{- end -}}

{{/* Where copies are, for jobs that write or read one. */}}
{{- define "lectern.copyEnvironment" -}}
{{- with .Values.backup.copy }}
{{- with .endpoint }}
- name: LECTERN_COPY_S3_ENDPOINT
  value: {{ . | quote }}
{{- end }}
{{- with .region }}
- name: LECTERN_COPY_S3_REGION
  value: {{ . | quote }}
{{- end }}
{{- if .existingSecret }}
- name: LECTERN_COPY_S3_ACCESS_KEY
  valueFrom:
    secretKeyRef:
      name: {{ .existingSecret }}
      key: {{ .accessKeyKey }}
- name: LECTERN_COPY_S3_SECRET_KEY
  valueFrom:
    secretKeyRef:
      name: {{ .existingSecret }}
      key: {{ .secretKeyKey }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "lectern.restoreName" -}}
{{- printf "%s-restore-%s" (include "lectern.fullname" .) (sha256sum (toJson .Values.restore) | trunc 8) -}}
{{- end -}}
