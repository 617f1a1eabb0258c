package transform

import (
	"fmt"

	"syncline/sync/record"
)

// Check reports what is wrong with a step: an unknown name, an unknown, missing
// or wrong argument. The error is a sentence that says what exists instead.
func Check(s Step) error {
	t, err := find(s.Name)
	if err != nil {
		return err
	}
	_, err = t.arguments(s.Args)
	return err
}

func find(name string) (*transform, error) {
	if t, ok := byName[name]; ok {
		return t, nil
	}
	names := make([]string, len(transforms))
	for i, t := range transforms {
		names[i] = t.Name
	}
	return nil, fmt.Errorf("there is no transform %s; %s", quoted(name), suggestion(name, names))
}

// Apply runs the value through the steps. Empty values pass untouched, except
// where a step is there to fill them (default, and join with other fields). The
// error is a sentence for a person that quotes the value.
func (c Chain) Apply(v record.Value, env Env) (record.Value, error) {
	if len(c) == 0 {
		return v, nil
	}
	return c.apply(v, &env)
}

func (c Chain) apply(v record.Value, env *Env) (record.Value, error) {
	for _, s := range c {
		t, err := find(s.Name)
		if err != nil {
			return v, err
		}
		a, err := t.arguments(s.Args)
		if err != nil {
			return v, err
		}
		if v.Empty() && (t.fillsBlanks == nil || !t.fillsBlanks(a)) {
			continue
		}
		text, err := t.apply(v.String(), a, env)
		if err != nil {
			return v, err
		}
		if text != v.String() {
			v = record.Text(text)
		}
	}
	return v, nil
}

// Inverse returns the chain that leads back, so that applying c to what it
// gives is again the same value. ok is false when some step has no way back:
// url-domain, email-domain, truncate, replace, split with a part, join with
// fields, and country and state that do not say the form the column is in.
// The way back of trim, collapse-spaces, lower, upper, title, phone and default
// is the value as it is.
func (c Chain) Inverse() (Chain, bool) {
	inverse := Chain{}
	for i := len(c) - 1; i >= 0; i-- {
		w := c[i].back()
		if !w.exists {
			return nil, false
		}
		if w.step != nil {
			inverse = append(inverse, *w.step)
		}
	}
	return inverse, true
}

// Lossy reports whether the way there and back may end in another text than it
// began with, or does not exist.
func (c Chain) Lossy() bool {
	for _, s := range c {
		if !s.back().exact {
			return true
		}
	}
	return false
}

func (s Step) back() way {
	t, err := find(s.Name)
	if err != nil {
		return way{}
	}
	a, err := t.arguments(s.Args)
	if err != nil {
		return way{}
	}
	return t.inverse(a)
}

// Describe says what the step does, in a few words. A step that Check refuses
// is described by its name.
func (s Step) Describe() string {
	t, err := find(s.Name)
	if err != nil {
		return s.Name
	}
	a, err := t.arguments(s.Args)
	if err != nil {
		return s.Name
	}
	return t.describe(a)
}
