{{/* Names and addresses of what events go through. */}}

{{/* Knative Service of a function: dict "root" $ "function" "parse". */}}
{{- define "lectern.functionName" -}}
{{- printf "%s-%s" (include "lectern.fullname" .root) .function -}}
{{- end -}}

{{/* A function as the addressee of events: dict "root" $ "function" "parse". */}}
{{- define "lectern.functionRef" -}}
ref:
  apiVersion: serving.knative.dev/v1
  kind: Service
  name: {{ include "lectern.functionName" . }}
{{- end -}}

{{- define "lectern.brokerName" -}}
{{- .Values.broker.name | default (include "lectern.fullname" .) -}}
{{- end -}}

{{- define "lectern.brokerRef" -}}
ref:
  apiVersion: eventing.knative.dev/v1
  kind: Broker
  name: {{ include "lectern.brokerName" . }}
{{- end -}}

{{/* What a Broker's `config` refers to: nothing for the cluster's own default. */}}
{{- define "lectern.brokerConfigReference" -}}
{{- $class := .Values.broker.class -}}
{{- $config := .Values.broker.config -}}
{{- $name := printf "%s-broker" (include "lectern.fullname" .) -}}
{{- if $config.existing -}}
{{- toYaml $config.existing -}}
{{- else if or (and (eq $class "MTChannelBasedBroker") $config.channel) (hasPrefix "Kafka" $class) -}}
{{- dict "apiVersion" "v1" "kind" "ConfigMap" "name" $name "namespace" .Release.Namespace | toYaml -}}
{{- else if eq $class "RabbitMQBroker" -}}
{{- dict "apiVersion" "eventing.knative.dev/v1alpha1" "kind" "RabbitmqBrokerConfig" "name" $name "namespace" .Release.Namespace | toYaml -}}
{{- end -}}
{{- end -}}

{{/* What that object says, where it is the chart's own: `data` of the ConfigMap, `spec` of RabbitMQ's. */}}
{{- define "lectern.brokerConfigContent" -}}
{{- $config := .Values.broker.config -}}
{{- if hasPrefix "Kafka" .Values.broker.class -}}
bootstrap.servers: {{ $config.kafka.bootstrapServers | quote }}
default.topic.partitions: {{ $config.kafka.partitions | quote }}
default.topic.replication.factor: {{ $config.kafka.replicationFactor | quote }}
{{- with $config.kafka.authSecret }}
auth.secret.ref.name: {{ . }}
{{- end }}
{{- else if eq .Values.broker.class "RabbitMQBroker" -}}
queueType: {{ $config.rabbitmq.queueType }}
{{- with $config.rabbitmq.vhost }}
vhost: {{ . }}
{{- end }}
rabbitmqClusterReference:
  {{- if $config.rabbitmq.connectionSecret }}
  connectionSecret:
    name: {{ $config.rabbitmq.connectionSecret }}
  {{- else }}
  name: {{ $config.rabbitmq.cluster }}
  namespace: {{ $config.rabbitmq.clusterNamespace | default .Release.Namespace }}
  {{- end }}
{{- else -}}
channel-template-spec: |
  {{- toYaml $config.channel | nindent 2 }}
{{- end -}}
{{- end -}}

{{/* Address of the Broker's ingress, as each class makes it. */}}
{{- define "lectern.brokerUrl" -}}
{{- if .Values.broker.address -}}
{{- .Values.broker.address -}}
{{- else -}}
{{- $namespace := .Release.Namespace -}}
{{- $name := include "lectern.brokerName" . -}}
{{- $domain := .Values.clusterDomain -}}
{{- if eq .Values.broker.class "MTChannelBasedBroker" -}}
{{- printf "http://broker-ingress.knative-eventing.svc.%s/%s/%s" $domain $namespace $name -}}
{{- else if eq .Values.broker.class "Kafka" -}}
{{- printf "http://kafka-broker-ingress.knative-eventing.svc.%s/%s/%s" $domain $namespace $name -}}
{{- else if eq .Values.broker.class "KafkaNamespaced" -}}
{{- printf "http://kafka-broker-ingress.%s.svc.%s/%s/%s" $namespace $domain $namespace $name -}}
{{- else -}}
{{- printf "http://%s-broker-ingress.%s.svc.%s" $name $namespace $domain -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* `delivery` of a Broker or Trigger: dict "root" $ "delivery" dict. */}}
{{- define "lectern.delivery" -}}
retry: {{ .delivery.retry }}
backoffPolicy: {{ .delivery.backoffPolicy }}
backoffDelay: {{ .delivery.backoffDelay }}
timeout: {{ .delivery.timeout }}
deadLetterSink:
  {{- include "lectern.functionRef" (dict "root" .root "function" .root.Values.deadLetterSink) | nindent 2 }}
{{- end -}}

{{/* Seconds of a duration of ISO 8601, as the schema takes them: PT1M30S. */}}
{{- define "lectern.isoSeconds" -}}
{{- $seconds := 0.0 -}}
{{- range $unit, $length := dict "D" 86400 "H" 3600 "M" 60 "S" 1 -}}
{{- with regexFind (printf "[0-9.]+%s" $unit) $ -}}
{{- $seconds = addf $seconds (mulf (trimSuffix $unit .) $length) -}}
{{- end -}}
{{- end -}}
{{- $seconds -}}
{{- end -}}
