package timeline

// The patterns by which rows are told in a line, see fields.phrase. The fields are
// columns of the table, or stand in one of its bags; "@account", "@process", "@remote"
// and "@ends" are worked out. Meanings of Windows' events are from their manifests.

// actionPhrases say what a row with that ActionType tells; the process that did it stands
// before them.
var actionPhrases = map[string]string{
	"FileCreated":                  "created the file {FolderPath|FileName}",
	"FileModified":                 "changed the file {FolderPath|FileName}",
	"FileDeleted":                  "deleted the file {FolderPath|FileName}",
	"FileRenamed":                  "renamed the file[ {PreviousFileName}] to {FolderPath|FileName}",
	"RegistryKeyCreated":           "created the registry key {RegistryKey}",
	"RegistryKeyDeleted":           "deleted the registry key {RegistryKey}",
	"RegistryKeyRenamed":           "renamed the registry key[ {PreviousRegistryKey}] to {RegistryKey}",
	"RegistryValueSet":             `set the registry value {RegistryKey}[\{RegistryValueName}][ to {RegistryValueData}]`,
	"RegistryValueDeleted":         `deleted the registry value {RegistryKey|PreviousRegistryKey}[\{RegistryValueName|PreviousRegistryValueName}]`,
	"ImageLoaded":                  "loaded {FolderPath|FileName}",
	"DriverLoad":                   "loaded the driver {FolderPath|FileName}",
	"OpenProcessApiCall":           "opened the process {FolderPath|FileName}[ with access {GrantedAccess}]",
	"CreateRemoteThreadApiCall":    "started a thread[ in {FolderPath|FileName|TargetImage}][ at {StartAddress}]",
	"NamedPipeEvent":               "used the pipe {PipeName}[: {FileOperation}]",
	"WmiBindEventFilterToConsumer": "bound a WMI event filter to a consumer[: {ESS|Filter}][ → {CONSUMER|Consumer}]",
	"DnsQueryResponse":             "asked DNS for {QueryName|DnsQueryString|RemoteUrl}[ → {QueryResults}]",
	"ServiceInstalled":             "service {ServiceName} installed: {ProcessCommandLine|FolderPath|FileName}[, runs as {ServiceAccount}][, by {@account}]",
	"ScheduledTaskCreated":         "scheduled task {TaskName} created[ by {@account}]",
	"ScheduledTaskUpdated":         "scheduled task {TaskName} changed[ by {@account}]",
	"ScheduledTaskDeleted":         "scheduled task {TaskName} deleted[ by {@account}]",
	"UserAccountCreated":           "account {AccountName} created[ by {InitiatingProcessAccountName}]",
	"UserAccountAddedToLocalGroup": "account {AccountName|AccountSid|MemberName} added to the group {GroupName|TargetUserName}[ by {InitiatingProcessAccountName}]",
	"SecurityLogCleared":           "the security log was cleared[ by {@account}]",
	"PowerShellCommand":            "ran PowerShell[ {ScriptPath|Path}]: {Command|ScriptBlockText}",
	"AntivirusDetection":           "antivirus found {ThreatName}[ in {FolderPath|FileName}]",
	"LdapSearch":                   "searched the directory[ {DistinguishedName}] for {SearchFilter}",
	"ListeningConnectionCreated":   "listens on port {LocalPort}[ of {LocalIP}][ ({Protocol})]",
	"ProcessCreated":               "started {ProcessCommandLine|FolderPath|FileName}",
	"LogonSuccess":                 "logged on: {@account}[ from {@remote}][ ({LogonType})][ with {Protocol}]",
	"LogonFailed":                  "logon failed: {@account}[ from {@remote}][ ({LogonType})][ with {Protocol}][, {FailureReason}]",
	"LogonAttempted":               "logon attempted: {@account}[ from {@remote}][ ({LogonType})]",
}

// flowPhrases say what was seen on a connection; its two ends stand before them.
var flowPhrases = map[string]string{
	"DnsConnectionInspected":            "DNS query[ {qtype_name|dns.rrtype}][ for {query|dns.rrname|DnsQueryString|RemoteUrl}][ → {answers}][, {rcode_name|dns.rcode}]",
	"HttpConnectionInspected":           "HTTP[ {method|http.http_method}][ {RemoteUrl|host|http.hostname}][, answered {status_code|http.status}][ {status_msg}]",
	"SslConnectionInspected":            "TLS handshake[ with {RemoteUrl|server_name|tls.sni}][, {version|tls.version}][, {validation_status}]",
	"SshConnectionInspected":            "SSH session[, server {server|ssh.server.software_version}][, client {client|ssh.client.software_version}]",
	"FtpConnectionInspected":            "FTP[ {command}][ {arg}][ as {user}][, answered {reply_code}][ {reply_msg}]",
	"SmtpConnectionInspected":           "mail[ from {mailfrom}][ to {rcptto}][, subject {subject}][, {last_reply}]",
	"KerberosConnectionInspected":       "Kerberos[ {request_type}][ of {client}][ for {service}][, {error_msg}]",
	"NtlmAuthenticationInspected":       `NTLM logon[ of {username}][ of domain {domainname}][ from {hostname}][, success {success}]`,
	"IcmpConnectionInspected":           "ICMP[, type {icmp_type}][ code {icmp_code}][, {orig_pkts|flow.pkts_toserver} sent][, {resp_pkts|flow.pkts_toclient} back]",
	"NetworkSignatureInspected":         "signature {SignatureName|alert.signature|note}[: {msg}]",
	"FirewallInboundConnectionBlocked":  "inbound connection, blocked by the firewall",
	"FirewallOutboundConnectionBlocked": "outbound connection, blocked by the firewall",
}

// tablePhrases say what a row of a table tells that has no ActionType, or one of its own.
var tablePhrases = map[string]string{
	"AADManagedIdentitySignInLogs":    "sign-in of {ServicePrincipalName}[ to {ResourceDisplayName}][ from {IPAddress}][, result {ResultType}]",
	"AADNonInteractiveUserSignInLogs": "sign-in of {UserPrincipalName}[ to {AppDisplayName}][ from {IPAddress}][, result {ResultType}][: {ResultDescription}]",
	"AADServicePrincipalSignInLogs":   "sign-in of {ServicePrincipalName}[ to {ResourceDisplayName}][ from {IPAddress}][, result {ResultType}]",
	"AWSCloudTrail":                   "{EventName}[ in {EventSource}][ by {UserIdentityArn|UserIdentityUserName|UserIdentityType}][ from {SourceIpAddress}][, {ErrorCode}]",
	"AlertEvidence":                   "alert {Title}[, severity {Severity}][: {EntityType}][ {RemoteIP|LocalIP|FileName|AccountName|DeviceName}]",
	"AlertInfo":                       "alert {Title}[, severity {Severity}][, {Category}]",
	"AuditLogs":                       "{OperationName|ActivityDisplayName}[: {Result}][, {ResultReason}]",
	"AzureActivity":                   "{OperationNameValue|OperationName}[: {ActivityStatusValue|ActivityStatus}][ by {Caller}][ from {CallerIpAddress}]",
	"BehaviorAnalytics":               "{ActivityType}[ {ActionType}][ by {UserName}][ from {SourceIPAddress}][, priority {InvestigationPriority}]",
	"CloudAppEvents":                  "{ActionType}[ by {AccountDisplayName}][ in {Application}][ from {IPAddress}][: {ObjectName}]",
	"CommonSecurityLog":               "[{DeviceVendor} {DeviceProduct}: ]{Activity}[, {DeviceAction}][: {SourceIP}][ → {DestinationIP}][, port {DestinationPort}][ {Protocol}][, as {SourceTranslatedAddress}][ {RequestURL}]",
	"DeviceInfo":                      "inventory[: {OSPlatform}][ {OSVersion}][, public address {PublicIP}]",
	"DeviceNetworkInfo":               "network adapter[ {NetworkAdapterName}][ {MacAddress}][ holds {IPAddresses}]",
	"DnsEvents":                       "DNS query[ {QueryType}] for {Name}[ → {IPAddresses}][ from {ClientIP}]",
	"EmailEvents":                     "mail[ from {SenderFromAddress}][ to {RecipientEmailAddress}][, subject {Subject}][, {DeliveryAction}]",
	"Heartbeat":                       "heartbeat[ of {Computer}][ from {ComputerIP}][, {OSName|OSType}]",
	"IdentityDirectoryEvents":         "{ActionType}[ by {@account}][ on {DestinationDeviceName}][ from {IPAddress}]",
	"IdentityQueryEvents":             "{ActionType}[: {Query}][ by {@account}][ from {IPAddress}]",
	"OfficeActivity":                  "{Operation}[ by {UserId}][ from {ClientIP|Client_IPAddress}][: {OfficeObjectId}]",
	"SecurityAlert":                   "alert {DisplayName|AlertName}[, severity {AlertSeverity}][: {Description}]",
	"SigninLogs":                      "sign-in of {UserPrincipalName}[ to {AppDisplayName}][ from {IPAddress}][, result {ResultType}][: {ResultDescription}]",
	"Syslog":                          "{ProcessName}: {SyslogMessage}",
	"VMConnection":                    "[{ProcessName} ]{SourceIp} → {DestinationIp}, port {DestinationPort}[ {Protocol}], {Direction}[, {BytesSent} bytes out]",
	"W3CIISLog":                       "HTTP {csMethod} {csUriStem}[, answered {scStatus}][ from {cIP}]",
}

// securityDetails are what an event of Windows' Security log is about, in the order of
// what tells most.
var securityDetails = []string{
	"[{ShareName} {RelativeTargetName}]", "[{ShareName}]", "[{ObjectName}]", "[{NewProcessName}]", "[{ServiceName}]", "[{TaskName}]", "[{PrivilegeList}]",
	"[{RuleName}]", `[{TargetDomainName}\{TargetUserName}]`, "[{TargetUserName}]",
}

// windowsPhrases say what an event of another log of Windows tells, by its provider and
// number.
var windowsPhrases = map[string]map[int32]string{
	"Microsoft-Windows-Sysmon": {
		4: "Sysmon's state is {State}", 5: "{Image} ended", 9: "{Image} read the disk {Device} directly",
		16: "Sysmon's configuration changed[: {Configuration}]", 24: "{Image} changed the clipboard", 25: "{Image} was tampered with[: {Type}]",
		27: "Sysmon blocked the executable {TargetFilename}[ of {Image}]", 28: "Sysmon blocked the shredding of {TargetFilename}[ by {Image}]",
		29: "{Image} wrote the executable {TargetFilename}",
	},
	"Linux-Sysmon": {5: "{Image} ended", 9: "{Image} read the disk {Device} directly", 16: "Sysmon's configuration changed"},
	"Microsoft-Windows-PowerShell": {
		4103: "PowerShell ran {Payload|RawEventData|ContextInfo}", 4105: "PowerShell began the script block {ScriptBlockId}",
		4106: "PowerShell ended the script block {ScriptBlockId}", 8193: "PowerShell made a session[ {param1}]", 8194: "PowerShell made a pool of sessions[: {RawEventData}]",
		8197:  "PowerShell's session pool is {param1}",
		40961: "PowerShell's console starts", 40962: "PowerShell's console is ready", 53504: "PowerShell listens for other processes[ in process {param1}][ ({param2})]",
	},
	"Service Control Manager": {
		7000: "service {param1} did not start[: {param2}]", 7009: "service {param2} did not answer[ within {param1} ms]", 7023: "service {param1} ended with an error[: {param2}]",
		7034: "service {param1} ended unexpectedly[, {param2} times so far]", 7036: "service {param1} is {param2}",
		7040: "service {param1}: start type changed from {param2} to {param3}",
	},
	"Microsoft-Windows-TaskScheduler": {
		106: "scheduled task {TaskName} created[ by {UserContext}]", 129: "scheduled task {TaskName} started {Path}", 140: "scheduled task {TaskName} changed[ by {UserName}]",
		141: "scheduled task {TaskName} deleted[ by {UserName}]", 200: "scheduled task {TaskName} ran {ActionName}",
	},
	"Microsoft-Windows-Windows Firewall With Advanced Security": {
		2004: "firewall rule {RuleName} added[ for {ApplicationPath}][ by {ModifyingApplication}]", 2005: "firewall rule {RuleName} changed[ by {ModifyingApplication}]",
		2006: "firewall rule {RuleName} deleted[ by {ModifyingApplication}]",
	},
	"Microsoft-Windows-Directory-Services-SAM": {16968: "remote call to the account database allowed, audit only[: client {Client SID:}][ at {Client Network Address:}]"},
	"Microsoft-Windows-DistributedCOM":         {10016: "{param1} permissions do not allow {param2} {param3} of {param4}[ to {param6}\\{param7}]"},
	"Microsoft-Windows-Hyper-V-Netvsc":         {10: "network adapter {MiniportName} stopped", 11: "network adapter {MiniportName} started"},
	"Microsoft-Windows-Kernel-General":         {15: "registry hive {HiveName} rebuilt", 16: "registry hive {HiveName} cleared of history"},
	"Microsoft-Windows-GroupPolicy": {
		1054: "group policy: no domain controller found[, error {ErrorDescription}]", 1500: "group policy for the computer applied[ from {DCName}], no changes",
		1501: "group policy for the user applied[ from {DCName}], no changes",
	},
}

// rawPhrases say what an unmapped record tells, by its type.
var rawPhrases = map[string]string{
	"azure.network_analytics": "network flow[ of {VMName}][ {VMIPAddress|SrcIP}][, {L7Protocol}][ port {DestPort}][, {PublicIPs|AllExtIPs|DestIP}]",
	"graph.alert":             "alert {title|category}[, severity {severity}][: {description}]",
	"office365.audit":         "{Operation|operation}[ by {UserId|userid}][ from {ClientIP|ActorIpAddress|clientip}][: {ResultStatus|resultstatus}][, {LogonError|logonerror}]",
	"suricata.fileinfo":       "file {fileinfo.filename}[, {fileinfo.size} bytes][, {fileinfo.magic}]",
	"suricata.stats":          "statistics of the sensor",
	"zeek.analyzer":           "not the protocol it seemed[: {analyzer_name}][, {failure_reason|cause}]",
	"zeek.capture_loss":       "packets lost by the sensor[: {percent_lost} %][ of {acks}]",
	"zeek.dce_rpc":            "remote call {operation}[ of {endpoint}][ over {named_pipe}]",
	"zeek.dhcp":               "DHCP lease[ of {assigned_addr|assigned_ip}][ for {host_name}][ {mac}]",
	"zeek.dpd":                "not the protocol it seemed[: {analyzer}][, {failure_reason}]",
	"zeek.files":              "file[ {filename}] over {source}[, {mime_type}][, {seen_bytes} bytes]: {tx_hosts|id.orig_h} → {rx_hosts|id.resp_h}",
	"zeek.known_certs":        "certificate of {host}[, port {port_num}][: {subject}]",
	"zeek.known_hosts":        "host {host} seen",
	"zeek.known_services":     "service on {host}, port {port_num}[ {port_proto}][: {service}]",
	"zeek.loaded_scripts":     "the sensor loaded {name}",
	"zeek.packet_filter":      "the sensor's filter is {filter}",
	"zeek.pe":                 "executable[ for {machine}][, {subsystem}][, compiled {compile_ts}]",
	"zeek.rdp":                "RDP session[, cookie {cookie}][, {result}][, {security_protocol}]",
	"zeek.reporter":           "the sensor says: {message}",
	"zeek.smb_files":          `{action} {path}[\{name}]`,
	"zeek.smb_mapping":        "share {path} opened[, {share_type}]",
	"zeek.snmp":               "SNMP[ version {version}][, {get_requests} requests][, {display_string}]",
	"zeek.software":           "software on {host}: {unparsed_version|name}",
	"zeek.stats":              "statistics of the sensor",
	"zeek.syslog":             "syslog[ {facility}][ {severity}]: {message}",
	"zeek.tunnel":             "tunnel {tunnel_type}[, {action}]",
	"zeek.weird":              "unusual traffic: {name}[, {addl}]",
	"zeek.x509":               "certificate {certificate.subject|certificate_subject}[, issued by {certificate.issuer|certificate_issuer}]",
}
