{{/* What cannot work is refused before anything is installed, with what to do about it. Included once, by checks.yaml. */}}

{{- define "lectern.checks" -}}
{{- include "lectern.checkCapabilities" . -}}
{{- include "lectern.checkFunctions" . -}}
{{- include "lectern.checkIntake" . -}}
{{- include "lectern.checkBroker" . -}}
{{- include "lectern.checkState" . -}}
{{- include "lectern.checkRestore" . -}}
{{- include "lectern.checkSecrets" . -}}
{{- include "lectern.checkParsers" . -}}
{{- include "lectern.checkScheduling" . -}}
{{- include "lectern.checkEdge" . -}}
{{- include "lectern.checkWeb" . -}}
{{- end -}}

{{- define "lectern.checkCapabilities" -}}
{{- if .Values.knative.checkCapabilities -}}
{{- range $api, $product := dict "serving.knative.dev/v1" "Knative Serving" "eventing.knative.dev/v1" "Knative Eventing" -}}
{{- if not ($.Capabilities.APIVersions.Has $api) -}}
{{- fail (printf "\n\n%s (%s) is not in this cluster. Install it first (see docs/operations). To render without a cluster: --set knative.checkCapabilities=false, or --api-versions %s." $product $api $api) -}}
{{- end -}}
{{- end -}}
{{- range $wanted := list
  (dict "if" .Values.database.cloudNativePG.enabled "api" "postgresql.cnpg.io/v1" "key" "database.cloudNativePG.enabled" "product" "the CloudNativePG operator")
  (dict "if" .Values.externalSecrets.enabled "api" "external-secrets.io/v1" "key" "externalSecrets.enabled" "product" "the External Secrets operator")
  (dict "if" (and .Values.broker.create (eq .Values.broker.class "RabbitMQBroker") (not .Values.broker.config.existing)) "api" "eventing.knative.dev/v1alpha1" "key" "broker.class" "product" "Knative's RabbitMQ Broker")
-}}
{{- if and $wanted.if (not ($.Capabilities.APIVersions.Has $wanted.api)) -}}
{{- fail (printf "\n\n%s needs %s, whose API %s is not in this cluster. Install it first, or choose otherwise." $wanted.key $wanted.product $wanted.api) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "lectern.checkFunctions" -}}
{{- if not (hasKey .Values.functions .Values.deadLetterSink) -}}
{{- fail (printf "\n\ndeadLetterSink is %q, which is none of the functions: %s." .Values.deadLetterSink (keys .Values.functions | sortAlpha | join ", ")) -}}
{{- end -}}
{{- range $name, $own := .Values.functions -}}
{{- $function := mergeOverwrite (deepCopy $.Values.functionDefaults) (deepCopy $own) -}}
{{- $start := $function.responseStartTimeoutSeconds | default $function.timeoutSeconds -}}
{{- if gt (int $start) (int $function.timeoutSeconds) -}}
{{- fail (printf "\n\nfunctions.%s.responseStartTimeoutSeconds (%d) is longer than its timeoutSeconds (%d)." $name (int $start) (int $function.timeoutSeconds)) -}}
{{- end -}}
{{- if gt (int $function.idleTimeoutSeconds) (int $function.timeoutSeconds) -}}
{{- fail (printf "\n\nfunctions.%s.idleTimeoutSeconds (%d) is longer than its timeoutSeconds (%d)." $name (int $function.idleTimeoutSeconds) (int $function.timeoutSeconds)) -}}
{{- end -}}
{{- if and (gt (int $function.maxScale) 0) (gt (int $function.minScale) (int $function.maxScale)) -}}
{{- fail (printf "\n\nfunctions.%s.minScale (%d) is more than its maxScale (%d)." $name (int $function.minScale) (int $function.maxScale)) -}}
{{- end -}}
{{- if ge (int $function.startupSeconds) (int (trimSuffix "s" $function.progressDeadline)) -}}
{{- fail (printf "\n\nfunctions.%s.startupSeconds (%d) has to be shorter than its progressDeadline (%s), else Knative gives the revision up first." $name (int $function.startupSeconds) $function.progressDeadline) -}}
{{- end -}}
{{- $delivery := $function.delivery | default $.Values.delivery -}}
{{- if and $function.events (lt (float64 (include "lectern.isoSeconds" $delivery.timeout)) (float64 $function.timeoutSeconds)) -}}
{{- fail (printf "\n\ndelivery.timeout (%s) of functions.%s ends before its timeoutSeconds (%d): the Broker would deliver again what is still being worked on. Make it a little longer." $delivery.timeout $name (int $function.timeoutSeconds)) -}}
{{- end -}}
{{- if and (eq $name "intake") $function.events (not $.Values.settings.intakeTrustsBroker) -}}
{{- fail "\n\nfunctions.intake.events names events, but a Broker drops the header with intake's token. Set settings.intakeTrustsBroker=true and keep networkPolicy on, so that only the Broker reaches intake." -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Who may say what an object store holds: intake has a token, or nobody reaches it from outside. */}}
{{- define "lectern.checkIntake" -}}
{{- if .Values.settings.intakeTrustsBroker -}}
{{- $intake := mergeOverwrite (deepCopy .Values.functionDefaults) (deepCopy (get .Values.functions "intake" | default dict)) -}}
{{- $ways := list -}}
{{- if and (hasKey .Values.functions "intake") (eq $intake.visibility "public") }}{{ $ways = append $ways "functions.intake.visibility=public" }}{{ end -}}
{{- if and .Values.httpRoute.enabled .Values.httpRoute.api.enabled (has "intake" .Values.httpRoute.api.functions) }}{{ $ways = append $ways "httpRoute.api.functions" }}{{ end -}}
{{- if and .Values.domainMapping.enabled .Values.domainMapping.host (has "intake" .Values.domainMapping.functions) }}{{ $ways = append $ways "domainMapping.functions" }}{{ end -}}
{{- if $ways -}}
{{- fail (printf "\n\nsettings.intakeTrustsBroker has intake believe whatever comes, and %s lets anybody send it something. Take intake out there, or leave intakeTrustsBroker off and have senders bring the token." (join " and " $ways)) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "lectern.checkBroker" -}}
{{- $broker := .Values.broker -}}
{{- $config := $broker.config -}}
{{- if $broker.create -}}
{{- if and (hasPrefix "Kafka" $broker.class) (not $config.existing) (not $config.kafka.bootstrapServers) -}}
{{- fail (printf "\n\nbroker.class is %s: set broker.config.kafka.bootstrapServers, or broker.config.existing." $broker.class) -}}
{{- end -}}
{{- if and (eq $broker.class "RabbitMQBroker") (not $config.existing) (not $config.rabbitmq.cluster) (not $config.rabbitmq.connectionSecret) -}}
{{- fail "\n\nbroker.class is RabbitMQBroker: set broker.config.rabbitmq.cluster or .connectionSecret, or broker.config.existing." -}}
{{- end -}}
{{- if and $config.channel (ne $broker.class "MTChannelBasedBroker") -}}
{{- fail (printf "\n\nbroker.config.channel belongs to MTChannelBasedBroker, but broker.class is %s." $broker.class) -}}
{{- end -}}
{{- $there := lookup "eventing.knative.dev/v1" "Broker" .Release.Namespace (include "lectern.brokerName" .) -}}
{{- if $there -}}
{{- $class := dig "metadata" "annotations" "eventing.knative.dev/broker.class" $broker.class $there -}}
{{- if ne $class $broker.class -}}
{{- fail (printf "\n\nThe Broker %s/%s is of class %s, and Knative never changes a Broker's class or configuration. Give the new one another name (broker.name): see docs/operations, \"Another broker\"." .Release.Namespace (include "lectern.brokerName" .) $class) -}}
{{- end -}}
{{- include "lectern.checkBrokerConfig" (dict "root" . "there" (dig "spec" "config" dict $there)) -}}
{{- end -}}
{{- end -}}
{{- if and $broker.address $broker.sinkBinding -}}
{{- fail "\n\nbroker.address and broker.sinkBinding both say where events are published: choose one." -}}
{{- end -}}
{{- end -}}

{{/*
The Broker that is there keeps its configuration, by name and, where that is the chart's own, by content: dict "root" $ "there" dict.
Without one of ours Knative has filled in the cluster's default. Kafka's servers and Secret are read anew, and may change.
*/}}
{{- define "lectern.checkBrokerConfig" -}}
{{- $root := .root -}}
{{- $own := printf "%s-broker" (include "lectern.fullname" $root) -}}
{{- $wanted := include "lectern.brokerConfigReference" $root | fromYaml -}}
{{- $isOther := and $wanted (or (ne (dig "kind" "" .there) $wanted.kind) (ne (dig "name" "" .there) $wanted.name)) -}}
{{- if or $isOther (and (not $wanted) (eq (dig "name" "" .there) $own)) -}}
{{- fail (printf "\n\nThe Broker %s/%s has the configuration %q, and Knative never changes it. Give a Broker with another one another name (broker.name): see docs/operations, \"Another broker\"." $root.Release.Namespace (include "lectern.brokerName" $root) (dig "name" "" .there)) -}}
{{- end -}}
{{- if and $wanted (eq $wanted.name $own) -}}
{{- $there := lookup $wanted.apiVersion $wanted.kind $root.Release.Namespace $own -}}
{{- $content := include "lectern.brokerConfigContent" $root | fromYaml -}}
{{- $names := list "default.topic.partitions" "default.topic.replication.factor" "channel-template-spec" "queueType" "vhost" "rabbitmqClusterReference" -}}
{{- range $name := ternary $names list (not (empty $there)) -}}
{{- $was := dig "data" $name (dig "spec" $name nil ($there | default dict)) ($there | default dict) -}}
{{- $is := get $content $name | default nil -}}
{{- if eq $name "channel-template-spec" }}{{ $was = $was | default "{}" | fromYaml }}{{ $is = $is | default "{}" | fromYaml }}{{ end -}}
{{- if ne (toJson $was) (toJson $is) -}}
{{- fail (printf "\n\nbroker.config would make %s of %s/%s %s, but the Broker was made with %s and keeps it. Give a Broker with another configuration another name (broker.name): see docs/operations, \"Another broker\"." $name $root.Release.Namespace $own (toJson $is) (toJson $was)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "lectern.checkState" -}}
{{- $store := .Values.objectStore -}}
{{- if and $store.url $store.bundled.enabled -}}
{{- fail "\n\nobjectStore.url names a store and objectStore.bundled.enabled would install another: set objectStore.bundled.enabled=false." -}}
{{- end -}}
{{- if and $store.endpoint $store.bundled.enabled -}}
{{- fail "\n\nobjectStore.endpoint is for a store of your own: set objectStore.url too, and objectStore.bundled.enabled=false." -}}
{{- end -}}
{{- if not (or $store.url $store.bundled.enabled) -}}
{{- fail "\n\nThere is no object store: set objectStore.url=s3://bucket/prefix, or objectStore.bundled.enabled=true for a trial." -}}
{{- end -}}
{{- $databases := list -}}
{{- if .Values.database.existingSecret }}{{ $databases = append $databases "database.existingSecret" }}{{ end -}}
{{- if .Values.database.cloudNativePG.enabled }}{{ $databases = append $databases "database.cloudNativePG.enabled" }}{{ end -}}
{{- if .Values.database.bundled.enabled }}{{ $databases = append $databases "database.bundled.enabled" }}{{ end -}}
{{- if not $databases -}}
{{- fail "\n\nThere is no database: set database.existingSecret (a Secret with its URL), database.cloudNativePG.enabled, or database.bundled.enabled for a trial." -}}
{{- else if gt (len $databases) 1 -}}
{{- fail (printf "\n\n%s: each stands for a database, and Lectern has one. Keep one of them; the bundled one is on by default." (join " and " $databases)) -}}
{{- end -}}
{{- $own := printf "%s/" (include "lectern.objectStoreUrl" . | trimSuffix "/") -}}
{{- $copy := printf "%s/" (.Values.backup.copy.url | trimSuffix "/") -}}
{{- if and .Values.backup.copy.url (or (hasPrefix $own $copy) (hasPrefix $copy $own)) -}}
{{- fail (printf "\n\nbackup.copy.url (%s) and the object store (%s) lie in each other: copy to another bucket, best in another place." .Values.backup.copy.url (include "lectern.objectStoreUrl" .)) -}}
{{- end -}}
{{- end -}}

{{- define "lectern.checkRestore" -}}
{{- if .Values.restore.enabled -}}
{{- if and .Values.restore.force (not .Values.restore.name) -}}
{{- fail "\n\nrestore.force replaces what there is: say with what, restore.name (`lectern backup list`)." -}}
{{- end -}}
{{- if dig "status" "succeeded" 0 (lookup "batch/v1" "Job" .Release.Namespace (include "lectern.restoreName" .) | default dict) -}}
{{- fail (printf "\n\nThe Job %s has restored the backup. Set restore.enabled=false." (include "lectern.restoreName" .)) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "lectern.checkSecrets" -}}
{{- if and .Values.trust.caSecret .Values.trust.caConfigMap -}}
{{- fail "\n\ntrust.caSecret and trust.caConfigMap both hold certificates: put all of them into one." -}}
{{- end -}}
{{- $external := .Values.externalSecrets -}}
{{- if $external.enabled -}}
{{- if not $external.storeRef.name -}}
{{- fail "\n\nexternalSecrets.enabled needs externalSecrets.storeRef.name." -}}
{{- end -}}
{{- range $set, $fill := include "lectern.externalSecretsFill" . | fromYaml -}}
{{- if and (get $external.remoteKeys $set) (not $fill.secret) -}}
{{- fail (printf "\n\nexternalSecrets.remoteKeys.%s is fetched into the Secret that %s names: set it." $set $fill.value) -}}
{{- end -}}
{{- end -}}
{{- if and (or $external.remoteKeys.fluentBit $external.remoteKeys.fluentBitAuthority) .Values.logging.fluentBit.namespace (eq $external.storeRef.kind "SecretStore") -}}
{{- fail (printf "\n\nexternalSecrets.storeRef.kind is SecretStore, which %s does not see: fetching Fluent Bit's Secrets into logging.fluentBit.namespace needs a ClusterSecretStore." .Values.logging.fluentBit.namespace) -}}
{{- end -}}
{{- end -}}
{{- if and .Values.administrator.name (not .Values.administrator.existingSecret) -}}
{{- fail "\n\nadministrator.name needs administrator.existingSecret, the Secret with the first password." -}}
{{- end -}}
{{- if and .Values.migration.acceptLoss (not .Values.migration.to) -}}
{{- fail "\n\nmigration.acceptLoss belongs to migration.to." -}}
{{- end -}}
{{- if and .Values.settings.oidcIssuer (not .Values.settings.oidcClientId) -}}
{{- fail "\n\nsettings.oidcIssuer needs settings.oidcClientId." -}}
{{- end -}}
{{- if and (eq .Values.settings.embedder "endpoint") (or (not .Values.settings.embeddingUrl) (not .Values.settings.embeddingModel)) -}}
{{- fail "\n\nsettings.embedder=endpoint needs settings.embeddingUrl and settings.embeddingModel." -}}
{{- end -}}
{{- if and .Values.settings.chatUrl (not .Values.settings.chatModel) -}}
{{- fail "\n\nsettings.chatUrl needs settings.chatModel." -}}
{{- end -}}
{{- if and .Values.settings.rerankUrl (not .Values.settings.rerankModel) (ne .Values.settings.rerankKind "tei") -}}
{{- fail "\n\nsettings.rerankUrl needs settings.rerankModel, unless settings.rerankKind is tei." -}}
{{- end -}}
{{- end -}}

{{- define "lectern.checkParsers" -}}
{{- $parse := mergeOverwrite (deepCopy .Values.functionDefaults) (deepCopy (get .Values.functions "parse" | default dict)) -}}
{{- range $url, $timeout := dict "doclingUrl" "doclingTimeoutS" "azureDocumentUrl" "azureDocumentTimeoutS" -}}
{{- $together := add (get $.Values.settings $timeout) $.Values.settings.parseWallS -}}
{{- if and (get $.Values.settings $url) (gt (int $together) (int $parse.timeoutSeconds)) -}}
{{- fail (printf "\n\nsettings.%s and settings.parseWallS are %d s together, longer than functions.parse.timeoutSeconds (%d): lower one of them, else deliveries are cut off." $timeout (int $together) (int $parse.timeoutSeconds)) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "lectern.checkScheduling" -}}
{{- range $field, $value := .Values.scheduling -}}
{{- if and $value (not (get $.Values.featureFlags $field)) -}}
{{- fail (printf "\n\nscheduling.%s is set, but a stock Knative refuses it on functions. Turn the flag kubernetes.podspec-%s on in Knative's config-features (it is the cluster's administrator who can), then say so: featureFlags.%s=true." $field (lower $field) $field) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Charts before 0.1 gave both kinds of the web UI one name, and Helm takes nothing over from Knative. */}}
{{- define "lectern.checkWeb" -}}
{{- if eq .Values.web.kind "Deployment" -}}
{{- $there := lookup "v1" "Service" .Release.Namespace (include "lectern.webName" .) -}}
{{- if dig "metadata" "labels" "serving.knative.dev/route" "" ($there | default dict) -}}
{{- fail (printf "\n\nThe Service %s/%s belongs to Knative, of a web UI that an older chart made. Upgrade with web.kind=KnativeService first, which gives it another name, and choose Deployment after that." .Release.Namespace (include "lectern.webName" .)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
