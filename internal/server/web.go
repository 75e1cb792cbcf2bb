package server

import (
	"errors"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/klauspost/compress/gzhttp"
)

// hashedAssets is the folder in which the build puts files whose names change with
// their content.
const hashedAssets = "assets/"

// registerWeb serves the web app. What is no file of it is a view, whose address the app
// itself reads.
//
// Files are compressed for whoever takes it. Answers of the API are not: they hold secrets
// beside what an attacker can choose, and their length would tell of both.
func (s *Server) registerWeb() {
	s.routes.HandleFunc("/", gzhttp.GzipHandler(http.HandlerFunc(s.serveWeb)))
}

func (s *Server) serveWeb(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	if s.cfg.Web == nil {
		s.fail(w, r, fault(CodeNotFound, "this binary was built without the web app"))
		return
	}
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	info, err := fs.Stat(s.cfg.Web, name)
	switch {
	case err == nil && !info.IsDir():
	case errors.Is(err, fs.ErrNotExist) && strings.HasPrefix(name, hashedAssets):
		// A page of an older build asks for its files: an answer of HTML would be
		// taken for the script.
		s.fail(w, r, fault(CodeNotFound, "there is no such file"))
		return
	default:
		name = "index.html"
	}
	if strings.HasPrefix(name, hashedAssets) {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		w.Header().Set("Cache-Control", "no-cache")
	}
	http.ServeFileFS(w, r, s.cfg.Web, name)
}
