{{/* Parts of NetworkPolicies. */}}

{{/* Pods of this release with one of these components: dict "root" $ "components" (list …). No list: all of them. */}}
{{- define "lectern.podsOf" -}}
matchLabels:
  app.kubernetes.io/name: {{ include "lectern.name" .root }}
  app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .components }}
matchExpressions:
  - key: app.kubernetes.io/component
    operator: In
    values:
      {{- toYaml (sortAlpha .) | nindent 6 }}
{{- end }}
{{- end -}}

{{/* TCP ports: list 8012 8013. */}}
{{- define "lectern.tcpPorts" -}}
{{- range . }}
- protocol: TCP
  port: {{ . }}
{{- end }}
{{- end -}}

{{/* A rule of egress: dict "to" (list of peers; empty: any address) "ports" (list). */}}
{{- define "lectern.egressRule" -}}
- ports:
    {{- include "lectern.tcpPorts" .ports | trim | nindent 4 }}
  {{- with .to }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{/* A rule of ingress: dict "from" (list of peers; empty: any address) "ports" (list). */}}
{{- define "lectern.ingressRule" -}}
- ports:
    {{- include "lectern.tcpPorts" .ports | trim | nindent 4 }}
  {{- with .from }}
  from:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{/* A namespace as a peer. */}}
{{- define "lectern.namespacePeer" -}}
namespaceSelector:
  matchLabels:
    kubernetes.io/metadata.name: {{ . }}
{{- end -}}

{{/* To the gateway, and so to every function. */}}
{{- define "lectern.egressToFunctions" -}}
{{- $gateway := .Values.networkPolicy.gateway -}}
{{- include "lectern.egressRule" (dict "to" (list (include "lectern.namespacePeer" $gateway.namespace | fromYaml)) "ports" $gateway.ports) -}}
{{- end -}}

{{/* To wherever events are published. RabbitMQ and namespaced Kafka have their ingress beside the Broker. */}}
{{- define "lectern.egressToBroker" -}}
{{- $eventing := .Values.networkPolicy.eventing -}}
{{- $peers := list (include "lectern.namespacePeer" $eventing.namespace | fromYaml) -}}
{{- if eq .Values.broker.class "RabbitMQBroker" -}}
{{- $peers = list (dict "podSelector" (dict "matchLabels" (dict "eventing.knative.dev/brokerRole" "ingress" "eventing.knative.dev/broker" (include "lectern.brokerName" .)))) -}}
{{- else if eq .Values.broker.class "KafkaNamespaced" -}}
{{- $peers = list (dict "podSelector" (dict "matchLabels" (dict "app" "kafka-broker-receiver"))) -}}
{{- end -}}
{{- include "lectern.egressRule" (dict "to" $peers "ports" $eventing.ports) -}}
{{- end -}}

{{- define "lectern.egressToObjectStore" -}}
{{- if .Values.objectStore.bundled.enabled -}}
{{- $pods := dict "podSelector" (include "lectern.podsOf" (dict "root" . "components" (list "object-store")) | fromYaml) -}}
{{- include "lectern.egressRule" (dict "to" (list $pods) "ports" (list 8333)) -}}
{{- else -}}
{{- include "lectern.egressRule" .Values.networkPolicy.objectStore -}}
{{- end -}}
{{- end -}}

{{- define "lectern.egressToDatabase" -}}
{{- if .Values.database.bundled.enabled -}}
{{- $pods := dict "podSelector" (include "lectern.podsOf" (dict "root" . "components" (list "database")) | fromYaml) -}}
{{- include "lectern.egressRule" (dict "to" (list $pods) "ports" (list 5432)) -}}
{{- else if .Values.database.cloudNativePG.enabled -}}
{{- $pods := dict "podSelector" (dict "matchLabels" (dict "cnpg.io/cluster" (include "lectern.databaseName" .))) -}}
{{- include "lectern.egressRule" (dict "to" (list $pods) "ports" (list 5432)) -}}
{{- else -}}
{{- include "lectern.egressRule" .Values.networkPolicy.database -}}
{{- end -}}
{{- end -}}

{{/* To the credentials of a workload identity, where that is set. */}}
{{- define "lectern.egressToIdentity" -}}
{{- with .Values.networkPolicy.identity -}}
{{- if .to -}}
{{- include "lectern.egressRule" . -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Components of pods: functions (and the web UI where Knative runs it); jobs. */}}
{{- define "lectern.knativeComponents" -}}
{{- $names := keys .Values.functions -}}
{{- if eq .Values.web.kind "KnativeService" }}{{ $names = append $names "web" }}{{ end -}}
{{- toJson (sortAlpha $names) -}}
{{- end -}}

{{- define "lectern.jobComponents" -}}
{{- list "migration" "administrator" "backup" "restore" "test" | toJson -}}
{{- end -}}
