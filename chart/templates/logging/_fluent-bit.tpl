{{/* Fluent Bit's configuration: the files of this release's containers in, one record for each line out. */}}

{{- define "lectern.fluentBitConfiguration" -}}
{{- $values := .Values.logging.fluentBit -}}
service:
  flush: 2
  log_level: warn
  http_server: on
  http_listen: 0.0.0.0
  http_port: {{ $values.metricsPort }}
  scheduler.cap: 300 # seconds between two attempts at most
  health_check: on
parsers:
  - name: container-file
    format: regex
    regex: '^/var/log/containers/(?<pod>[^_]+)_(?<namespace>[^_]+)_(?<container>.+)-[0-9a-f]{64}\.log$'
  - name: lectern
    format: json
    time_key: time
    time_format: '%Y-%m-%dT%H:%M:%S%z'
    time_keep: on
pipeline:
  inputs:
    - name: tail
      tag: lectern
      path: /var/log/containers/{{ include "lectern.fullname" . }}-*_{{ .Release.Namespace }}_*.log
      exclude_path: /var/log/containers/{{ include "lectern.fullname" . }}-fluent-bit-*.log # an error about a line would be a line
      path_key: file
      multiline.parser: cri
      db: /state/tail.db
      read_from_head: on
      skip_long_lines: on
      buffer_max_size: 1M
      mem_buf_limit: 16M
      refresh_interval: 5
  filters:
    - name: parser
      match: '*'
      key_name: file
      parser: container-file
      reserve_data: on
    - name: parser # a line that is no JSON stays as it is, in "log"
      match: '*'
      key_name: log
      parser: lectern
      reserve_data: on
    - name: record_modifier
      match: '*'
      record: release {{ .Release.Name }}
      remove_key: _p
  outputs:
    - {{ include "lectern.fluentBitOutput" . | nindent 6 | trim }}
{{- end -}}

{{- define "lectern.fluentBitOutput" -}}
{{- $values := .Values.logging.fluentBit -}}
name: {{ eq $values.output "elasticsearch" | ternary "es" $values.output }}
match: '*'
host: {{ $values.host }}
port: {{ $values.port }}
{{- if eq $values.output "loki" }}
labels: job=lectern, namespace={{ .Release.Namespace }}, release={{ .Release.Name }}
label_keys: $container, $function, $level
line_format: json
{{- with $values.tenant }}
tenant_id: {{ . | quote }}
{{- end }}
{{- else }}
index: {{ $values.index }}
suppress_type_name: on
generate_id: on # after a restart lines are read again, but not stored again
write_operation: create
replace_dots: on
time_key: '@timestamp'
trace_error: on
{{- end }}
{{- if $values.auth.existingSecret }}
http_user: ${OUTPUT_USER}
http_passwd: ${OUTPUT_PASSWORD}
{{- end }}
tls: {{ ternary "on" "off" $values.tls.enabled }}
{{- if $values.tls.enabled }}
tls.verify: {{ ternary "on" "off" $values.tls.verify }}
{{- if $values.tls.caSecret }}
tls.ca_file: /ca/ca.crt
{{- end }}
{{- end }}
retry_limit: {{ $values.retryLimit | default "no_limits" }}
{{- end -}}
