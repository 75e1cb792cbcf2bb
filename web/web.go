// Package web holds the built web app. What goes in is the output of its build, what
// comes out is a file system for the server to serve; it knows no routes and no
// headers.
package web

import (
	"embed"
	"io/fs"
)

// dist holds only a placeholder until the app was built, so that the binary builds
// without Node.
//
//go:embed all:dist
var dist embed.FS

// FS is the root of the built app, with index.html in it. The second result is false
// when this binary was built without the app; the file system is then as good as empty.
func FS() (fs.FS, bool) {
	app, err := fs.Sub(dist, "dist")
	if err != nil {
		return dist, false
	}
	_, err = fs.Stat(app, "index.html")
	return app, err == nil
}
