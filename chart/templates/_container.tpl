{{/* What pods and containers have in common: security, environment, volumes, scheduling. */}}

{{/* "restricted" of the Pod Security Standards, on the container: Knative wants a flag for the pod's own. */}}
{{- define "lectern.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
runAsUser: {{ .user | default 10001 }}
runAsGroup: {{ .group | default .user | default 10001 }}
capabilities:
  drop: [ALL]
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{/* The pod's own part, where no Knative feature flag stands in the way: dict "user" 10001. */}}
{{- define "lectern.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: {{ .user | default 10001 }}
runAsGroup: {{ .user | default 10001 }}
fsGroup: {{ .user | default 10001 }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{/* Fields every pod begins with, of functions and jobs. */}}
{{- define "lectern.pod" -}}
serviceAccountName: {{ include "lectern.serviceAccountName" . }}
{{ include "lectern.anyPod" . }}
{{- end -}}

{{/* The same of a pod that needs no identity in the cloud. */}}
{{- define "lectern.plainPod" -}}
serviceAccountName: {{ include "lectern.plainAccountName" . }}
{{ include "lectern.anyPod" . }}
{{- end -}}

{{- define "lectern.anyPod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* Where a pod runs: dict "root" $ "knative" true (then only what the cluster's feature flags allow; see _checks.tpl). */}}
{{- define "lectern.scheduling" -}}
{{- $root := .root -}}
{{- $knative := .knative -}}
{{- $fields := dict -}}
{{- range $field, $value := $root.Values.scheduling -}}
{{- if and $value (or (not $knative) (get $root.Values.featureFlags $field)) -}}
{{- $_ := set $fields $field $value -}}
{{- end -}}
{{- end -}}
{{- with $fields }}{{ toYaml . }}{{ end -}}
{{- end -}}

{{/* The only folder a container can write to: dict "size" "2Gi". */}}
{{- define "lectern.temporaryVolume" -}}
- name: tmp
  emptyDir:
    sizeLimit: {{ .size }}
{{- end -}}

{{- define "lectern.temporaryMount" -}}
- name: tmp
  mountPath: /tmp
{{- end -}}

{{/* Environment of every container of Lectern's own images. */}}
{{- define "lectern.homeEnvironment" -}}
- name: HOME
  value: /tmp
- name: LECTERN_HOME
  value: /tmp/lectern
{{- if or .Values.trust.caSecret .Values.trust.caConfigMap }}
- name: LECTERN_CA_FILE
  value: /run/trust/ca.crt
{{- end }}
{{- end -}}

{{/* Certificates that are trusted beside the public ones, for every container of Lectern's own images. */}}
{{- define "lectern.trustVolume" -}}
{{- with .Values.trust.caSecret -}}
- name: trust
  secret:
    secretName: {{ . }}
    items: [{key: ca.crt, path: ca.crt}]
{{- end -}}
{{- with .Values.trust.caConfigMap -}}
- name: trust
  configMap:
    name: {{ . }}
    items: [{key: ca.crt, path: ca.crt}]
{{- end -}}
{{- end -}}

{{- define "lectern.trustMount" -}}
{{- if or .Values.trust.caSecret .Values.trust.caConfigMap -}}
- name: trust
  mountPath: /run/trust
  readOnly: true
{{- end -}}
{{- end -}}

{{/*
The same settings as variables, for pods that come and go long after Helm is through: what a revision was made with is what its pods
start with, also while a newer one is not ready.
*/}}
{{- define "lectern.settingsEnvironment" -}}
{{- range $name, $value := include "lectern.settings" . | fromYaml }}
- name: {{ $name }}
  value: {{ $value | replace "$(" "$$(" | quote }}
{{- end }}
{{- end -}}

{{/* Settings without secrets, for jobs and people in a shell. */}}
{{- define "lectern.settingsFrom" -}}
- configMapRef:
    name: {{ include "lectern.fullname" . }}-settings
{{- end -}}

{{/* The catalog's address and the object store's keys. */}}
{{- define "lectern.stateEnvironment" -}}
- name: LECTERN_DATABASE_URL
  valueFrom:
    secretKeyRef:
      name: {{ include "lectern.databaseSecret" . }}
      key: {{ include "lectern.databaseSecretKey" . }}
{{- with include "lectern.objectStoreSecret" . }}
- name: LECTERN_S3_ACCESS_KEY
  valueFrom:
    secretKeyRef:
      name: {{ . }}
      key: {{ $.Values.objectStore.accessKeyKey }}
- name: LECTERN_S3_SECRET_KEY
  valueFrom:
    secretKeyRef:
      name: {{ . }}
      key: {{ $.Values.objectStore.secretKeyKey }}
{{- end }}
{{- end -}}

{{/* Secrets by their names in `secrets.keys`: dict "root" $ "names" (list "webSecret"). Those of outside services are optional. */}}
{{- define "lectern.secretEnvironment" -}}
{{- $root := .root -}}
{{- range $name := .names }}
{{- $own := has $name (list "signingKey" "secretsKey" "intakeToken" "webSecret") }}
{{- $secret := $own | ternary (include "lectern.ownSecret" $root) (include "lectern.providerSecret" $root) }}
{{- if $secret }}
- name: LECTERN_{{ $name | snakecase | upper }}
  valueFrom:
    secretKeyRef:
      name: {{ $secret }}
      key: {{ get $root.Values.secrets.keys $name }}
      {{- if not $own }}
      optional: true
      {{- end }}
{{- end }}
{{- end }}
{{- end -}}
