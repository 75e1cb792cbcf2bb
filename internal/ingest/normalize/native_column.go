package normalize

import (
	"math"
	"strconv"
	"strings"

	"spoor/internal/schema"
)

// nativeColumn finds the column that a header means: the column's own name; the name
// with what exports add to it ("TimeGenerated [UTC]", "ReportId_long" where a union
// found two types); the old name of a column; the name in another case. nil: none.
func nativeColumn(t *schema.Table, name string) *schema.Column {
	if c := nativeVisible(t, name); c != nil {
		return c
	}
	name = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(name), "[UTC]"))
	if column, ok := nativeAliases[t.Name][name]; ok {
		name = column
	}
	if c := nativeVisible(t, name); c != nil {
		return c
	}
	if i := strings.LastIndexByte(name, '_'); i > 0 {
		if _, ok := schema.ParseType(name[i+1:]); ok {
			if c := nativeVisible(t, name[:i]); c != nil {
				return c
			}
		}
	}
	for i := range t.Columns {
		if c := &t.Columns[i]; strings.EqualFold(c.Name, name) && !strings.HasPrefix(c.Name, "_") {
			return c
		}
	}
	return nil
}

// nativeVisible is the column of exactly that name, unless it is one of our hidden
// ones, which no export may set.
func nativeVisible(t *schema.Table, name string) *schema.Column {
	c, ok := t.Column(name)
	if !ok || (c.Hidden && !c.Local) {
		return nil
	}
	return c
}

// nativeIndexColumn reports whether a CSV header is that of row numbers, which data
// frames write in front.
func nativeIndexColumn(name string) bool {
	return name == "" || strings.HasPrefix(name, "Unnamed: ")
}

// nativeAliases maps names under which a table's columns were exported once, or in the
// raw form of the events, to the columns.
var nativeAliases = map[string]map[string]string{
	"SecurityAlert": {
		"AlertDisplayName": "DisplayName", "Severity": "AlertSeverity", "StartTimeUtc": "StartTime",
		"EndTimeUtc": "EndTime", "ProviderAlertId": "VendorOriginalId",
	},
	// Defender for Endpoint's process creation as the sensor reports it.
	"DeviceProcessEvents": {
		"ReportTime": "Timestamp", "ReportIndex": "ReportId", "ComputerDnsName": "DeviceName", "MachineId": "DeviceId",
		"CreatedProcessName": "FileName", "CreatedProcessFilePath": "FolderPath", "CreatedProcessFileSize": "FileSize",
		"CreatedProcessFileSha1": "SHA1", "CreatedProcessFileSha256": "SHA256", "CreatedProcessFileMd5": "MD5",
		"CreatedProcessId": "ProcessId", "CreatedProcessCommandLine": "ProcessCommandLine",
		"CreatedProcessCreationTime": "ProcessCreationTime", "CreatedProcessIntegrityLevel": "ProcessIntegrityLevel",
		"CreatedProcessTokenElevationType": "ProcessTokenElevation",
		"CreatedProcessAccountDomainName":  "AccountDomain", "CreatedProcessAccountName": "AccountName",
		"CreatedProcessAccountSid": "AccountSid", "CreatedProcessAccountUpn": "AccountUpn",
		"CreatedProcessAccountAzureADId":            "AccountObjectId",
		"CreatedProcessVersionInfoCompanyName":      "ProcessVersionInfoCompanyName",
		"CreatedProcessVersionInfoProductName":      "ProcessVersionInfoProductName",
		"CreatedProcessVersionInfoProductVersion":   "ProcessVersionInfoProductVersion",
		"CreatedProcessVersionInfoInternalFileName": "ProcessVersionInfoInternalFileName",
		"CreatedProcessVersionInfoOriginalFileName": "ProcessVersionInfoOriginalFileName",
		"CreatedProcessVersionInfoFileDescription":  "ProcessVersionInfoFileDescription",
		"InitiatingProcessImageSha1":                "InitiatingProcessSHA1",
		"InitiatingProcessImageSha256":              "InitiatingProcessSHA256",
		"InitiatingProcessImageMd5":                 "InitiatingProcessMD5",
		"InitiatingProcessName":                     "InitiatingProcessFileName",
		"InitiatingProcessImageFileSizeInBytes":     "InitiatingProcessFileSize",
		"InitiatingProcessImageFilePath":            "InitiatingProcessFolderPath",
		"Process_CommandLine":                       "InitiatingProcessCommandLine",
		"InitiatingProcessAccountDomainName":        "InitiatingProcessAccountDomain",
		"InitiatingProcessAccountAzureADId":         "InitiatingProcessAccountObjectId",
		"InitiatingProcessTokenElevationType":       "InitiatingProcessTokenElevation",
		"InitiatingProcessParentProcessId":          "InitiatingProcessParentId",
		"InitiatingProcessParentProcessName":        "InitiatingProcessParentFileName",
	},
}

// nativeSet stores the text of a number, truth value, time or GUID, or reports false.
func nativeSet(row *schema.Row, c *schema.Column, text string) bool {
	switch c.Type {
	case schema.Bool:
		b, ok := truthValue(text)
		if ok {
			row.SetBool(c.Name, b)
		}
		return ok
	case schema.Int, schema.Long:
		n, ok := wholeNumber(text)
		if ok = ok && (c.Type == schema.Long || n == int64(int32(n))); ok {
			row.SetInt(c.Name, n)
		}
		return ok
	case schema.Real:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
			return false
		}
		row.SetReal(c.Name, f)
		return true
	case schema.DateTime:
		t, ok := parseInstant(text)
		if ok {
			row.SetTime(c.Name, t)
		}
		return ok
	case schema.GUID:
		if !isGUID(text) {
			return false
		}
		row.SetString(c.Name, strings.ToLower(text))
		return true
	default:
		return false
	}
}

func truthValue(text string) (value, ok bool) {
	switch strings.ToLower(text) {
	case "true", "1", "1.0":
		return true, true
	case "false", "0", "0.0":
		return false, true
	}
	return false, false
}

// isGUID reports whether text is 32 hexadecimal digits in groups of 8-4-4-4-12.
func isGUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		c := s[i] | 0x20
		switch i {
		case 8, 13, 18, 23:
			if s[i] != '-' {
				return false
			}
		default:
			if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
				return false
			}
		}
	}
	return true
}
