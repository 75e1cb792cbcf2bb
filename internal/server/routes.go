package server

import (
	"fmt"
	"net/http"
	"time"

	"spoor/internal/account"
)

// access says who may use a route, and what the guard sees to before its handler runs.
type access struct {
	// least is the least role; "" lets everybody in, signed in or not.
	least account.Role
	// anyone lets in every signed-in person and every token, whatever the role.
	anyone bool
	// first marks what an account with a one-time password may already do.
	first bool
	// changes marks routes that change something; they are refused when the audit log
	// cannot be written.
	changes bool
	// action is the word in the audit log; "" leaves the route out of it.
	action string
	// body bounds the request's body; 0 means smallBody.
	body int64
	// timeout bounds the request; 0 means usualTimeout, noTimeout none.
	timeout time.Duration
}

const (
	smallBody    = 64 << 10
	queryBody    = 4 << 20
	importBody   = 64 << 20
	usualTimeout = 30 * time.Second
	queryTimeout = 65 * time.Minute // Kusto's longest, and the answer
	noTimeout    = -1
)

// table is the one place of authorisation: every route stands in it, and one that does
// not cannot be registered.
var table = map[string]access{
	// For everybody.
	"GET /healthz":               {},
	"POST /api/session":          {changes: true, action: "session.start"},
	"GET /v1/rest/auth/metadata": {},
	"/":                          {}, // the web app

	// For whoever is signed in.
	"GET /api/session":           {anyone: true, first: true},
	"DELETE /api/session":        {anyone: true, first: true, changes: true, action: "session.end"},
	"POST /api/session/password": {anyone: true, first: true, changes: true, action: "session.password"},
	"GET /api/version":           {anyone: true, first: true},
	"GET /api/openapi.json":      {anyone: true},
	"/api/":                      {anyone: true}, // what there is not
	"/v1/":                       {anyone: true},
	"/v2/":                       {anyone: true},

	// Asking.
	"POST /api/query":                         {least: account.Reader, action: "query.run", body: queryBody, timeout: queryTimeout},
	"POST /api/kql/validate":                  {least: account.Reader, body: queryBody},
	"POST /api/kql/explain":                   {least: account.Reader, body: queryBody},
	"POST /v1/rest/query":                     {least: account.Reader, action: "query.run", body: queryBody, timeout: queryTimeout},
	"GET /v1/rest/query":                      {least: account.Reader, action: "query.run", timeout: queryTimeout},
	"POST /v2/rest/query":                     {least: account.Reader, action: "query.run", body: queryBody, timeout: queryTimeout},
	"GET /v2/rest/query":                      {least: account.Reader, action: "query.run", timeout: queryTimeout},
	"POST /v1/rest/mgmt":                      {least: account.Reader, action: "query.manage", body: queryBody},
	"GET /api/entities/{kind}/{id}":           {least: account.Reader, action: "entity.read", timeout: 2 * time.Minute},
	"GET /api/entities/{kind}/{id}/devices":   {least: account.Reader, action: "entity.read", timeout: 2 * time.Minute},
	"GET /api/entities/{kind}/{id}/addresses": {least: account.Reader, action: "entity.read", timeout: 2 * time.Minute},
	"GET /api/entities/{kind}/{id}/peers":     {least: account.Reader, action: "entity.read", timeout: 2 * time.Minute},
	"GET /api/entities/{kind}/{id}/alerts":    {least: account.Reader, action: "entity.read", timeout: 2 * time.Minute},
	"GET /api/search":                         {least: account.Reader, action: "entity.search"},
	"GET /api/newcomers":                      {least: account.Reader, action: "entity.read", timeout: 2 * time.Minute},
	"GET /api/recent":                         {least: account.Reader},
	"POST /api/triage":                        {least: account.Reader, action: "entity.triage", body: triageBody, timeout: 2 * time.Minute},
	"GET /api/raw/{rawId}":                    {least: account.Reader, action: "raw.read"},
	"GET /api/coverage":                       {least: account.Reader},
	"GET /api/sources":                        {least: account.Reader},
	"GET /api/sources/{id}":                   {least: account.Reader},
	"GET /api/networks":                       {least: account.Reader},
	"GET /api/watchlists":                     {least: account.Reader},
	"GET /api/watchlists/{alias}":             {least: account.Reader},
	"GET /api/watchlists/{alias}/items":       {least: account.Reader, action: "watchlist.read"},
	"GET /api/noise":                          {least: account.Reader},
	"GET /api/transparency":                   {least: account.Reader},
	"GET /api/entities/{kind}/{id}/notes":     {least: account.Reader},
	"GET /api/notes/{id}/history":             {least: account.Reader},
	"GET /api/watches":                        {least: account.Reader},
	"GET /api/notices":                        {least: account.Reader},
	"GET /api/preferences":                    {least: account.Reader},
	"GET /api/columnsets":                     {least: account.Reader},
	"GET /api/functions":                      {least: account.Reader},
	"GET /api/functions/{name}":               {least: account.Reader},
	"GET /api/external":                       {least: account.Reader},
	"GET /api/settings":                       {least: account.Reader},
	"POST /api/dns/reverse":                   {least: account.Analyst, changes: true, action: "dns.reverse"},
	"GET /metrics":                            {least: account.Reader},

	// Asking who talked to whom, in the records of an entity.
	"GET /api/entities/{kind}/{id}/connections":      {least: account.Reader, action: "entity.read", timeout: 2 * time.Minute},
	"GET /api/entities/{kind}/{id}/connections/flow": {least: account.Reader, action: "entity.read", timeout: 2 * time.Minute},
	"GET /api/entities/{kind}/{id}/beacons":          {least: account.Reader, action: "entity.read", timeout: 2 * time.Minute},
	"GET /api/entities/{kind}/{id}/beacons/detail":   {least: account.Reader, action: "entity.read", timeout: 2 * time.Minute},
	"GET /api/entities/{kind}/{id}/dns":              {least: account.Reader, action: "entity.read", timeout: 2 * time.Minute},
	"GET /api/entities/{kind}/{id}/dns/cof":          {least: account.Reader, action: "entity.read", timeout: 2 * time.Minute},
	"GET /api/entities/{kind}/{id}/insights":         {least: account.Reader, action: "entity.read", timeout: 2 * time.Minute},
	"GET /api/entities/{kind}/{id}/names":            {least: account.Reader, action: "entity.read", timeout: 2 * time.Minute},

	// Asking what comes next on an entity page.
	"GET /api/entities/{kind}/{id}/contacts":       {least: account.Reader, action: "entity.read", timeout: 2 * time.Minute},
	"GET /api/entities/{kind}/{id}/own":            {least: account.Reader, action: "entity.read", timeout: 2 * time.Minute},
	"GET /api/entities/{kind}/{id}/related/{by}":   {least: account.Reader, action: "entity.read", timeout: 2 * time.Minute},
	"GET /api/entities/{kind}/{id}/compare":        {least: account.Reader, action: "entity.read", timeout: 2 * time.Minute},
	"GET /api/entities/{kind}/{id}/compare/{part}": {least: account.Reader, action: "entity.read", timeout: 2 * time.Minute},
	"GET /api/devices/{id}/aftermath":              {least: account.Reader, action: "entity.read", timeout: 2 * time.Minute},

	// Records of an entity, and its lists as files.
	"GET /api/entities/{kind}/{id}/timeline":         {least: account.Reader, action: "entity.read", timeout: 2 * time.Minute},
	"GET /api/entities/{kind}/{id}/timeline/facets":  {least: account.Reader, action: "entity.read", timeout: 2 * time.Minute},
	"GET /api/entities/{kind}/{id}/timeline/export":  {least: account.Reader, action: "entity.export", timeout: queryTimeout},
	"GET /api/entities/{kind}/{id}/devices/export":   {least: account.Reader, action: "entity.export", timeout: queryTimeout},
	"GET /api/entities/{kind}/{id}/addresses/export": {least: account.Reader, action: "entity.export", timeout: queryTimeout},
	"GET /api/entities/{kind}/{id}/peers/export":     {least: account.Reader, action: "entity.export", timeout: queryTimeout},
	"GET /api/events/{rawId}":                        {least: account.Reader, action: "event.read"},

	// Changing.
	"POST /api/ingest":                     {least: account.Ingest, changes: true, action: "source.ingest", body: ingestBody, timeout: noTimeout},
	"DELETE /api/sources/{id}":             {least: account.Admin, changes: true, action: "source.remove", timeout: 10 * time.Minute},
	"POST /api/networks":                   {least: account.Analyst, changes: true, action: "network.add"},
	"POST /api/networks/import":            {least: account.Analyst, changes: true, action: "network.import", body: importBody, timeout: 2 * time.Minute},
	"DELETE /api/networks/{id}":            {least: account.Analyst, changes: true, action: "network.remove"},
	"PUT /api/watchlists/{alias}":          {least: account.Analyst, changes: true, action: "watchlist.import", body: importBody, timeout: 2 * time.Minute},
	"POST /api/watchlists/{alias}/restore": {least: account.Analyst, changes: true, action: "watchlist.restore", timeout: 2 * time.Minute},
	"DELETE /api/watchlists/{alias}":       {least: account.Analyst, changes: true, action: "watchlist.remove"},
	"POST /api/entities/{kind}/{id}/notes": {least: account.Analyst, changes: true, action: "note.add", body: 256 << 10},
	"PUT /api/notes/{id}":                  {least: account.Analyst, changes: true, action: "note.change", body: 256 << 10},
	"DELETE /api/notes/{id}":               {least: account.Analyst, changes: true, action: "note.remove"},
	"PUT /api/entities/{kind}/{id}/alias":  {least: account.Analyst, changes: true, action: "alias.set"},
	"POST /api/watches":                    {least: account.Analyst, changes: true, action: "watch.add"},
	"DELETE /api/watches/{id}":             {least: account.Analyst, changes: true, action: "watch.end"},
	"POST /api/notices/read":               {least: account.Reader, changes: true, action: "notice.read"},
	"PUT /api/preferences":                 {least: account.Reader, changes: true, action: "preference.set"},
	"PUT /api/columnsets":                  {least: account.Analyst, changes: true, action: "columnset.put"},
	"DELETE /api/columnsets/{id}":          {least: account.Analyst, changes: true, action: "columnset.remove"},
	"POST /api/noise":                      {least: account.Analyst, changes: true, action: "noise.import", body: importBody, timeout: 2 * time.Minute},
	"DELETE /api/noise/{slug}":             {least: account.Analyst, changes: true, action: "noise.remove"},
	"POST /api/transparency":               {least: account.Analyst, changes: true, action: "transparency.import", body: importBody, timeout: 2 * time.Minute},
	"DELETE /api/transparency/{name}":      {least: account.Analyst, changes: true, action: "transparency.remove"},

	// Administering.
	"PUT /api/settings":                   {least: account.Admin, changes: true, action: "setting.change"},
	"GET /api/users":                      {least: account.Admin},
	"POST /api/users":                     {least: account.Admin, changes: true, action: "user.add"},
	"POST /api/users/{name}/reset":        {least: account.Admin, changes: true, action: "user.reset"},
	"POST /api/users/{name}/disable":      {least: account.Admin, changes: true, action: "user.disable"},
	"POST /api/users/{name}/enable":       {least: account.Admin, changes: true, action: "user.enable"},
	"GET /api/tokens":                     {least: account.Admin},
	"POST /api/tokens":                    {least: account.Admin, changes: true, action: "token.create"},
	"DELETE /api/tokens/{id}":             {least: account.Admin, changes: true, action: "token.revoke"},
	"GET /api/audit":                      {least: account.Admin},
	"GET /api/entities/{kind}/{id}/audit": {least: account.Admin},
	"POST /api/external":                  {least: account.Admin, changes: true, action: "external.allow"},
	"DELETE /api/external/{id}":           {least: account.Admin, changes: true, action: "external.remove"},
}

// public reports whether the route needs no one to be signed in.
func (a access) public() bool { return a.least == "" && !a.anyone }

// admits decides whether a principal may use the route.
func (a access) admits(p account.Principal) error {
	if p.MustChange && !a.first {
		return fault(CodeForbidden, "set a password of your own first: this one is for the first sign-in only")
	}
	if a.anyone || p.Role.Covers(a.least) {
		return nil
	}
	return fault(CodeForbidden, "this needs the role %s; you have %s", a.least, p.Role)
}

// routes is a mux on which only what stands in the table can be registered.
type routes struct{ mux *http.ServeMux }

func newRoutes() *routes { return &routes{http.NewServeMux()} }

// HandleFunc registers a handler. It panics for a pattern that the table does not have,
// when the server is built, not when somebody calls.
func (r *routes) HandleFunc(pattern string, handler func(http.ResponseWriter, *http.Request)) {
	if _, ok := table[pattern]; !ok {
		panic(fmt.Sprintf("server: the route %q has no entry in the table of access", pattern))
	}
	r.mux.HandleFunc(pattern, handler)
}

// ServeHTTP runs the handler of a request; the guard has let it in.
func (r *routes) ServeHTTP(w http.ResponseWriter, req *http.Request) { r.mux.ServeHTTP(w, req) }

// find is the table's entry for a request; ok is false when there is no such route.
func (r *routes) find(req *http.Request) (pattern string, a access, ok bool) {
	_, pattern = r.mux.Handler(req)
	a, ok = table[pattern]
	return pattern, a, ok
}
