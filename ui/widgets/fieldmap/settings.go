package fieldmap

import (
	"maps"
	"slices"

	"syncline/sync/definition"
	"syncline/sync/record"
	"syncline/sync/transform"
)

// ValuePair is one line of a value map: what stands in the source and the
// HubSpot option it means.
type ValuePair struct{ Source, HubSpot string }

// Settings are what the inspector edits about one line.
type Settings struct {
	Direction definition.Direction
	Compare   record.Comparison // "" is the default by the property's type
	Conflict  definition.Policy
	Blank     string // ignore, clear
	Unmapped  string // reject, keep, blank: a value that the value map lacks
	Values    []ValuePair
	Steps     transform.Chain // on the way to HubSpot
	// Association is set on a line that leads to other records in place of a
	// property. Of what stands above it nothing counts then.
	Association *Association
}

// NewSettings are the settings of a line that was just drawn.
func NewSettings(d definition.Direction) Settings {
	return Settings{Direction: d, Conflict: definition.Review, Blank: "ignore", Unmapped: "reject"}
}

// Clone shares nothing with s.
func (s Settings) Clone() Settings {
	s.Values = slices.Clone(s.Values)
	s.Steps = slices.Clone(s.Steps)
	for i, step := range s.Steps {
		s.Steps[i].Args = maps.Clone(step.Args)
	}
	if s.Association != nil {
		own := *s.Association
		own.LabelValues = slices.Clone(own.LabelValues)
		s.Association = &own
	}
	return s
}

// Equal reports whether both would sync alike.
func (s Settings) Equal(o Settings) bool {
	return s.Direction == o.Direction && s.Compare == o.Compare && s.Conflict == o.Conflict &&
		s.Blank == o.Blank && s.Unmapped == o.Unmapped && slices.Equal(s.Values, o.Values) && s.Association.equal(o.Association) &&
		slices.EqualFunc(s.Steps, o.Steps, func(a, b transform.Step) bool {
			return a.Name == b.Name && maps.Equal(a.Args, b.Args)
		})
}

// Changes reports whether values are turned into another form on the way, which
// a badge on the line shows.
func (s Settings) Changes() bool { return len(s.Steps) > 0 || len(s.Values) > 0 }

func toHubSpot(d definition.Direction) bool { return d != definition.FromHubSpot }
func toSource(d definition.Direction) bool  { return d != definition.ToHubSpot }
