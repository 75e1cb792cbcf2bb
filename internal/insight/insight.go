// Package insight reads the curated queries that entity pages show. Each is a file: a
// question with the KQL that answers it, the tables it needs and what fills them. It
// does not run them.
package insight

import (
	"bytes"
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"spoor/internal/entity"
)

// Insight is one curated query. Its text may use the names Entity, Role ("" for any)
// and Site ("" for all) and the datetimes From and To, see Text.
type Insight struct {
	ID       string `yaml:"-"` // the name of its file
	Title    string
	Question string
	Kinds    []entity.Kind
	Overview bool // it stands on the first tab, too
	// Roles are those in which its tables name the entity; none: the query itself keeps
	// to the role.
	Roles   []string
	Tables  []string
	Needs   string   // what fills the tables
	Columns []string // of the result, in order
	By      []string // the columns that tell its rows apart
	Count   string   // the column of how many records a row stands for; Records unless said
	Chart   *Chart
	Query   string
}

// Chart is the columns of the result that make a bar each.
type Chart struct {
	Name  string // what the bar stands for
	Value string // its length
}

// Load reads all files of a folder, in the order of their titles.
func Load(files fs.FS, folder string) ([]Insight, error) {
	names, err := fs.Glob(files, path.Join(folder, "*.yaml"))
	if err != nil {
		return nil, err
	}
	var list []Insight
	for _, name := range names {
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		i, err := parse(data)
		if err != nil {
			return nil, fmt.Errorf("read the insight %s: %w", name, err)
		}
		i.ID = strings.TrimSuffix(path.Base(name), ".yaml")
		list = append(list, i)
	}
	slices.SortFunc(list, func(a, b Insight) int { return cmp.Compare(a.Title, b.Title) })
	return list, nil
}

func parse(data []byte) (Insight, error) {
	var i Insight
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&i); err != nil {
		return i, err
	}
	for name, empty := range map[string]bool{
		"title": i.Title == "", "question": i.Question == "", "kinds": len(i.Kinds) == 0, "tables": len(i.Tables) == 0,
		"needs": i.Needs == "", "columns": len(i.Columns) == 0, "by": len(i.By) == 0, "query": i.Query == "",
	} {
		if empty {
			return i, fmt.Errorf("it has no %s", name)
		}
	}
	for _, k := range i.Kinds {
		if _, ok := entity.ParseKind(string(k)); !ok {
			return i, fmt.Errorf("there is no kind of entity %q", k)
		}
	}
	for _, r := range i.Roles {
		if _, ok := entity.ParseRole(r); !ok {
			return i, fmt.Errorf("there is no role %q", r)
		}
	}
	i.Count = cmp.Or(i.Count, "Records")
	for _, column := range append([]string{i.Count}, i.By...) {
		if !slices.Contains(i.Columns, column) {
			return i, fmt.Errorf("its rows are told apart and counted by a column that the result has not: %s", column)
		}
	}
	if c := i.Chart; c != nil && (!slices.Contains(i.Columns, c.Name) || !slices.Contains(i.Columns, c.Value)) {
		return i, fmt.Errorf("the chart is of columns that the result has not: %s, %s", c.Name, c.Value)
	}
	return i, nil
}

// Scope is what an insight is asked about.
type Scope struct {
	Entity   string
	Role     string // "" for any
	Site     string // "" for all
	From, To time.Time
	// Quote writes a text as a KQL literal.
	Quote func(string) string
}

// Text is the query about a scope, which can be run and edited as it stands.
func (i *Insight) Text(s Scope) string {
	moment := func(t time.Time) string { return t.UTC().Format("datetime(2006-01-02T15:04:05.9999999Z)") }
	return fmt.Sprintf("let Entity = %s;\nlet Role = %s;\nlet Site = %s;\nlet From = %s;\nlet To = %s;\n%s",
		s.Quote(s.Entity), s.Quote(s.Role), s.Quote(s.Site), moment(s.From), moment(s.To), strings.TrimSpace(i.Query))
}

// Fits reports whether the tables of the insight name an entity in a role; "" is any.
func (i *Insight) Fits(role string) bool {
	return role == "" || len(i.Roles) == 0 || slices.Contains(i.Roles, role)
}
