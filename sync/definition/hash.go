package definition

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"path/filepath"
	"slices"
)

// SourcePath returns the path of a file source as it can be opened: relative
// ones are relative to the folder of the document.
func (d *Definition) SourcePath() string { return beside(d.Path, d.Source.Path) }

// FilePath returns the path of a file that a query joins, as it can be opened.
func (d *Definition) FilePath(f SourceFile) string { return beside(d.Path, f.Path) }

// LinkPath returns the path of the document of the other sync that a link
// names: relative ones are relative to the folder of this document.
func (d *Definition) LinkPath(l LinkKey) string { return beside(d.Path, l.Sync) }

// beside is a path as a document names it, as it can be opened.
func beside(document, path string) string {
	p := filepath.FromSlash(path)
	if p == "" || filepath.IsAbs(p) || document == "" {
		return p
	}
	return filepath.Join(filepath.Dir(document), p)
}

// Hash identifies what the definition means: source, object, match, filter,
// directions, field map, associations, creation, deletion and duplicates. It
// does not change with the id, the name, the guards, the portal, verification,
// comments or the way the document is written. A plan is valid for one hash.
func (d *Definition) Hash() string {
	return digest(struct {
		Source       Source
		Object       string
		Make         *Make `json:",omitempty"`
		Match        []MatchKey
		Filter       []FilterGroup
		FilterList   string `json:",omitempty"`
		Direction    Direction
		Create       Create
		Delete       Delete
		Duplicates   Duplicates
		Fields       []hashField
		Associations []Association
		Associate    *Associate `json:",omitempty"`
		Deliver      *Deliver   `json:",omitempty"`
	}{d.Source, d.HubSpot.Object, d.HubSpot.Make, d.HubSpot.Match, d.HubSpot.Filter, d.HubSpot.FilterList, d.Direction, d.Create, d.Delete,
		without(d.Duplicates, DuplicatesReview), d.hashFields(true), d.Associations, d.Associate, d.Deliver})
}

// MappingHash identifies what the bases of a sync stand on: the source, its
// key, the object, and for each field the pair and the form of its values. It
// stays the same when only rules change (direction, policy, blanks, match,
// filter, creation, deletion).
// It stays the same too when only the way in which the same file is read changes
// (encoding, header row, words for empty): the cells then differ from the bases,
// as if they had been edited.
func (d *Definition) MappingHash() string {
	src := d.Source
	src.Encoding, src.HeaderRow, src.Blanks, src.NoBlanks = "", 0, nil, false
	src.Files = slices.Clone(src.Files)
	for i := range src.Files {
		src.Files[i].Encoding, src.Files[i].HeaderRow = "", 0
	}
	return digest(struct {
		Source  Source
		Object  string
		Fields  []hashField
		Deliver *Deliver `json:",omitempty"`
	}{src, d.HubSpot.Object, d.hashFields(false), d.Deliver})
}

// hashField is a field with its value map and its transforms in a form that
// says all of them.
type hashField struct {
	Field    Field
	Pairs    []Pair
	To, From string
}

func (d *Definition) hashFields(rules bool) []hashField {
	var out []hashField
	for _, f := range d.Fields {
		h := hashField{Field: f, Pairs: f.Values.Pairs(), To: chainYAML(f.ToHubSpot), From: chainYAML(f.FromHubSpot)}
		h.Field.Values, h.Field.ToHubSpot, h.Field.FromHubSpot = nil, nil, nil
		if !rules {
			h.Field.Direction, h.Field.Conflict, h.Field.Blank = "", "", ""
		}
		out = append(out, h)
	}
	return out
}

// digest hashes what v says. What is empty says nothing, so that a key that a
// later version adds does not change the hash of documents without it.
func digest(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic("definition: " + err.Error()) // only texts, numbers and booleans stand in it
	}
	var said any
	if err := json.Unmarshal(data, &said); err != nil {
		panic("definition: " + err.Error()) // it was written a moment ago
	}
	if data, err = json.Marshal(prune(said)); err != nil { // sorts the keys
		panic("definition: " + err.Error())
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:16])
}

func prune(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			e = prune(e)
			list, isList := e.([]any)
			object, isObject := e.(map[string]any)
			if e == nil || e == "" || isList && len(list) == 0 || isObject && len(object) == 0 {
				delete(v, k)
			}
		}
	case []any:
		for i := range v {
			v[i] = prune(v[i])
		}
	}
	return v
}
