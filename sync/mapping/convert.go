package mapping

import (
	"syncline/sync/definition"
	"syncline/sync/record"
	"syncline/sync/transform"
)

// Convert takes a row's cells to the value that a line of the field map would
// compare and write to its property, as a run does: transforms, then the value
// map. The error is a sentence for a person.
func Convert(f definition.Field, p record.Property, cells record.Values, env transform.Env) (record.Value, error) {
	m := Field{Field: f, Schema: p, env: env, kind: kindOf(Object{}, p), key: p.Unique}
	return m.ToProperty(cells, env)
}

// Acceptable reports what HubSpot would surely refuse about a value of the
// property, before anything is sent.
func Acceptable(p record.Property, v record.Value) error {
	m := Field{Schema: p, key: p.Unique}
	return m.acceptable(v)
}
