package transform

import "syncline/sync/record"

// Check reports what is wrong with a step, as a sentence.
func Check(s Step) error { return nil }

// Apply runs the value through the steps.
func (c Chain) Apply(v record.Value, env Env) (record.Value, error) { return v, nil }

// Inverse returns the chain that leads back.
func (c Chain) Inverse() (Chain, bool) { return nil, len(c) == 0 }

// Lossy reports whether the way back may not give the very same text.
func (c Chain) Lossy() bool { return false }

// Describe says what the step does, in a few words.
func (s Step) Describe() string { return s.Name }

// Names returns every transform.
func Names() []Spec { return nil }
