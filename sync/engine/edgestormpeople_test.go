package engine_test

import (
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
)

// byPerson does what a person does, and notes what it changed.
func (w *edgeStorm) byPerson(what string, records []string, do func() error) {
	if err := do(); err != nil {
		return // HubSpot does not let them
	}
	w.seq++
	now := w.look()
	for _, id := range records {
		w.vague[id] = true
	}
	w.say("a person: %s", what)
	change := func(k edgeOf, made bool) {
		last, ok := w.hand[k]
		x := byHand{made: made, seq: w.seq, agreed: w.agreed[k]}
		if ok && last.seq > w.known { // nobody saw what was in between
			x.agreed = x.agreed || last.agreed
			w.blur[k] = w.blur[k] || made // it is the engine's to nobody's eyes but ours
		} else if !made {
			delete(w.ours, k)
		}
		w.hand[k], w.touched[edgeOf{k.contact, k.company, 0}] = x, true
	}
	for k := range now {
		if !w.there[k] {
			change(k, true)
		}
	}
	for k := range w.there {
		if !now[k] {
			change(k, false)
		}
	}
	w.there = now
}

// act is one thing that a person does by hand.
func (w *edgeStorm) act(r *rand.Rand) {
	contacts, companies := slices.Sorted(maps.Keys(maps.Collect(w.portal.Records("contacts")))), slices.Sorted(maps.Keys(maps.Collect(w.portal.Records("companies"))))
	if len(contacts) < 2 || len(companies) < 2 {
		return
	}
	from, to := contacts[r.IntN(len(contacts))], companies[r.IntN(len(companies))]
	switch n := r.IntN(40); {
	case n < 22 && w.there[edgeOf{from, to, 0}]:
		w.byPerson("removes "+from+" "+to, nil, func() error { return w.portal.Dissociate("contacts", from, "companies", to, "") })
	case n < 22:
		w.byPerson("makes "+from+" "+to, nil, func() error { return w.portal.Associate("contacts", from, "companies", to, "") })
	case n < 32 && w.typ != 0 && w.there[edgeOf{from, to, w.typ}]:
		w.byPerson("takes the label from "+from+" "+to, nil, func() error { return w.portal.Dissociate("contacts", from, "companies", to, w.label) })
	case n < 32 && w.typ != 0:
		w.byPerson("gives the label to "+from+" "+to, nil, func() error { return w.portal.Associate("contacts", from, "companies", to, w.label) })
	case n == 32 && w.typ != 0:
		w.label += "+"
		w.renameTo(w.label)
		w.say("a person: renames the label to %s", w.label)
	case n == 33 && len(contacts) > 3:
		other := contacts[(slices.Index(contacts, from)+1)%len(contacts)]
		w.byPerson("merges "+other+" into "+from, []string{from, other}, func() error {
			id, err := w.portal.Merge("contacts", from, other)
			w.vague[id] = true
			return err
		})
	case n == 34 && len(companies) > 2:
		other := companies[(slices.Index(companies, to)+1)%len(companies)]
		w.byPerson("merges "+other+" into "+to, []string{to, other, w.domainOf(to), w.domainOf(other)}, func() error {
			id, err := w.portal.Merge("companies", to, other)
			w.vague[id] = true
			return err
		})
	case n == 35:
		w.byPerson("archives "+to, []string{to, w.domainOf(to)}, func() error { return w.portal.Archive("companies", to) })
		w.gone = append(w.gone, to)
	case n == 36:
		w.byPerson("archives the contact "+from, []string{from}, func() error { return w.portal.Archive("contacts", from) })
		w.goneContacts = append(w.goneContacts, from)
	case n == 37 && len(w.gone) > 0:
		w.byPerson("restores "+w.gone[0], w.gone[:1], func() error { return w.portal.Restore("companies", w.gone[0]) })
		w.gone = w.gone[1:]
	case n == 38 && len(w.goneContacts) > 0:
		w.byPerson("restores the contact "+w.goneContacts[0], w.goneContacts[:1], func() error { return w.portal.Restore("contacts", w.goneContacts[0]) })
		w.goneContacts = w.goneContacts[1:]
	}
}

func (w *edgeStorm) renameTo(label string) {
	body := fmt.Sprintf(`{"associationTypeId":%d,"label":%q}`, w.typ, label)
	r, err := http.NewRequest(http.MethodPut, "https://api.hubapi.com/crm/v4/associations/contacts/companies/labels", strings.NewReader(body))
	ok(w.t, err)
	r.Header.Set("Authorization", "Bearer "+w.portal.Token())
	r.Header.Set("Content-Type", "application/json")
	a, err := w.portal.Transport().RoundTrip(r)
	ok(w.t, err)
	_, _ = io.Copy(io.Discard, a.Body)
	_ = a.Body.Close()
}
