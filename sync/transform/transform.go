// Package transform turns a field's value into the form that a property wants,
// and back where there is a way back. Transforms are pure: all they know of the
// world is in an Env.
package transform

import (
	"time"
	_ "time/tzdata" // zone names must work on machines without a zone database

	"syncline/sync/record"
)

// Env is what transforms may ask about the world around a value. It is only
// read, so one Env may serve several goroutines.
type Env struct {
	Region     string         // ISO 3166 alpha-2, for phones without a country code; may be ""
	Zone       *time.Location // for dates and times without a zone; nil is UTC
	Row        record.Values  // the whole row, for transforms that read other fields
	Owners     []Owner
	Stages     []Stage
	PipelineID string // limits stages to one pipeline; "" for any

	// Remark is told of what a step guesses, leaves out or repairs; nil where
	// nobody listens.
	Remark func(Remark)
}

// Owner is a HubSpot owner: a user that records can belong to.
type Owner struct {
	ID, Email, First, Last string
	Archived               bool
}

// Stage is one stage of one pipeline.
type Stage struct {
	Pipeline, PipelineLabel, ID, Label string
}

// Step is one transform with its arguments. A single scalar, as in
// "prefix: +49", stands under the name "".
type Step struct {
	Name string
	Args map[string]any
}

// Chain is a list of steps, applied in order.
type Chain []Step

// Kind is the kind of an argument.
type Kind string

// The kinds of argument.
const (
	KindText    Kind = "text"
	KindInteger Kind = "integer"
	KindBoolean Kind = "boolean"
	KindChoice  Kind = "choice"
	KindFormat  Kind = "format"  // a date form such as DD.MM.YYYY
	KindZone    Kind = "zone"    // a time zone name such as Europe/Berlin
	KindRegion  Kind = "region"  // ISO 3166 alpha-2
	KindFormula Kind = "formula" // an expression
	KindFields  Kind = "fields"  // names of columns of the row, separated by commas
)

// Arg describes one argument of a transform.
type Arg struct {
	Name        string
	Kind        Kind
	Choices     []string // of a KindChoice
	Default     string   // what holds when it is not given, as text
	Required    bool
	Scalar      bool // it is the one meant when a single scalar is given
	Description string
}

// Spec describes one transform: what a form to edit it needs, and an example.
type Spec struct {
	Name        string
	Description string
	Args        []Arg
	Example     Step
	Input       string // what the example is given
	Output      string // and what it makes of that
}

// transform is how one transform works. Its functions see checked arguments.
type transform struct {
	Spec
	check       func(a args) error // beyond the kinds of the arguments; may be nil
	apply       func(s string, a args, env *Env) (string, error)
	inverse     func(a args) way
	describe    func(a args) string
	fillsBlanks func(a args) bool // whether it is also asked about empty values; nil is no
}

// way is the way back from what a transform made. The zero way is none.
type way struct {
	exists bool
	step   *Step // nil leaves the value as it is
	exact  bool  // gives the very text that was there before
}

func noWay(args) way { return way{} }

// asItIs takes a value back unchanged: what was removed (space, case,
// punctuation) does not tell values apart, and putting the clean form back
// loses nothing.
func asItIs(args) way { return way{exists: true} }

func via(name string, with map[string]any) way {
	return way{exists: true, step: &Step{Name: name, Args: with}}
}

// transforms are all transforms, in the order in which a person is shown them.
// It is filled by init, because the functions of some lead back to it.
var transforms []*transform

var byName map[string]*transform

func init() {
	for _, group := range [][]*transform{
		textTransforms, phoneTransforms, dateTransforms, numberTransforms, placeTransforms, webTransforms,
		partTransforms, editTransforms, hubspotTransforms, expressionTransforms,
	} {
		transforms = append(transforms, group...)
	}
	byName = make(map[string]*transform, len(transforms))
	for _, t := range transforms {
		byName[t.Name] = t
	}
}

// Names returns every transform with its arguments and an example.
func Names() []Spec {
	specs := make([]Spec, len(transforms))
	for i, t := range transforms {
		specs[i] = t.Spec
	}
	return specs
}
