package normalize

import (
	"strings"

	"spoor/internal/schema"
)

// sysmonFile maps the events about a file: its creation time changed (2), created
// (11), a stream of it created (15), deleted (23, 26).
func sysmonFile(action string) winMapping {
	return func(ev *winEvent, e *Event) {
		row := ev.deviceRow("DeviceFileEvents", action)
		winFile(&row, ev.take("TargetFilename"))
		hashField := "Hashes"
		if ev.id == 15 {
			hashField = "Hash"
			fileOrigin(&row, ev.text("Contents"))
		}
		imphash := ev.hashes(&row, hashField)
		actor := ev.sysmonActor()
		actor.actor(&row, e)
		row.SetString("AdditionalFields", ev.additional(appendTextField(nil, "IMPHASH", imphash)))
		e.Rows = append(e.Rows, row)
	}
}

// winFile sets the columns of a file by its path. As Defender has it, FolderPath is the
// path with the file's name.
func winFile(row *schema.Row, path string) {
	row.SetString("FileName", winBase(path))
	if strings.ContainsAny(path, `\/`) {
		row.SetString("FolderPath", path)
	}
}

// fileOrigin reads where a file was downloaded from out of its Zone.Identifier stream,
// which Sysmon prints in one line.
func fileOrigin(row *schema.Row, contents string) {
	for word := range strings.FieldsSeq(contents) {
		switch name, value, _ := strings.Cut(word, "="); name {
		case "HostUrl":
			row.SetString("FileOriginUrl", value)
		case "ReferrerUrl":
			row.SetString("FileOriginReferrerUrl", value)
		}
	}
}

// sysmonImage maps event 7, an image loaded into a process.
func sysmonImage(ev *winEvent, e *Event) {
	row := ev.deviceRow("DeviceImageLoadEvents", "ImageLoaded")
	winFile(&row, ev.take("ImageLoaded"))
	ev.hashes(&row, "Hashes")
	actor := ev.sysmonActor()
	actor.actor(&row, e)
	e.Rows = append(e.Rows, row)
}

// sysmonDriver maps event 6, a driver loaded. It names no process.
func sysmonDriver(ev *winEvent, e *Event) {
	row := ev.deviceRow("DeviceEvents", "DriverLoad")
	winFile(&row, ev.take("ImageLoaded"))
	imphash := ev.hashes(&row, "Hashes")
	row.SetString("AdditionalFields", ev.additional(appendTextField(nil, "IMPHASH", imphash)))
	e.Rows = append(e.Rows, row)
}
