// Package transform turns a field's value into the form that a property wants,
// and back where there is a way back. Transforms are pure.
package transform

import (
	"time"

	"syncline/sync/record"
)

// Env is what transforms may ask about the world around a value.
type Env struct {
	Region     string         // ISO 3166 alpha-2, for phones without a country code; may be ""
	Zone       *time.Location // for dates and times without a zone; nil is UTC
	Row        record.Values  // the whole row, for transforms that read other fields
	Owners     []Owner
	Stages     []Stage
	PipelineID string // limits stages to one pipeline; "" for any
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
	KindFormat  Kind = "format" // a date form such as DD.MM.YYYY
	KindZone    Kind = "zone"   // a time zone name such as Europe/Berlin
	KindRegion  Kind = "region" // ISO 3166 alpha-2
)

// Arg describes one argument of a transform.
type Arg struct {
	Name        string
	Kind        Kind
	Choices     []string
	Default     string // what holds when it is not given, as text
	Required    bool
	Scalar      bool // it is the one meant when a single scalar is given
	Description string
}

// Spec describes one transform.
type Spec struct {
	Name        string
	Description string
	Args        []Arg
	Input       string // an example
	Output      string // what it makes of the example
}
