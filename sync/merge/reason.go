package merge

import (
	"maps"
	"slices"
)

// Reason is why a field was decided as it was: a code, kept in plans and in the
// audit trail, with a sentence for people.
type Reason string

// The reasons, by what they lead to.
const (
	// Nothing happens.
	Unchanged           Reason = "unchanged"
	SourceBlankIgnored  Reason = "source-blank-ignored"
	HubSpotBlankIgnored Reason = "hubspot-blank-ignored"
	SourceNotRead       Reason = "source-not-read"
	HubSpotNotRead      Reason = "hubspot-not-read"

	// Only the base moves.
	FirstRunSame           Reason = "first-run-same"
	FirstRunSourceNothing  Reason = "first-run-source-nothing"
	FirstRunHubSpotNothing Reason = "first-run-hubspot-nothing"
	SameEdit               Reason = "same-edit"
	AgreeNow               Reason = "agree-now"
	AgreedAgain            Reason = "agreed-again"
	SettledApart           Reason = "settled-apart"

	// A value flows.
	FirstRunHubSpotEmpty Reason = "first-run-hubspot-empty"
	FirstRunSourceEmpty  Reason = "first-run-source-empty"
	FirstRunToHubSpot    Reason = "first-run-to-hubspot"
	FirstRunFromHubSpot  Reason = "first-run-from-hubspot"
	SourceChanged        Reason = "source-changed"
	HubSpotChanged       Reason = "hubspot-changed"
	SourceChangedOneWay  Reason = "source-changed-one-way"
	HubSpotChangedOneWay Reason = "hubspot-changed-one-way"
	SourceCleared        Reason = "source-cleared"
	HubSpotCleared       Reason = "hubspot-cleared"
	SourceWins           Reason = "source-wins"
	HubSpotWins          Reason = "hubspot-wins"
	SourceNewer          Reason = "source-newer"
	HubSpotNewer         Reason = "hubspot-newer"
	SetsMerged           Reason = "sets-merged"
	SettledSource        Reason = "settled-source"
	SettledHubSpot       Reason = "settled-hubspot"
	SettledBase          Reason = "settled-base"
	SettledValue         Reason = "settled-value"

	// A person must decide.
	FirstRunDiffers        Reason = "first-run-differs"
	BothChanged            Reason = "both-changed"
	BothChangedToHubSpot   Reason = "both-changed-to-hubspot"
	BothChangedFromHubSpot Reason = "both-changed-from-hubspot"
	NewestUnknown          Reason = "newest-unknown"
	StillOpen              Reason = "still-open"
	MovedSinceDecided      Reason = "moved-since-decided"
	NoBase                 Reason = "no-base"

	// It is left alone and reported.
	SourceDrift      Reason = "source-drift"
	HubSpotDrift     Reason = "hubspot-drift"
	SourceWinsDrift  Reason = "source-wins-drift"
	HubSpotWinsDrift Reason = "hubspot-wins-drift"
)

var sentences = map[Reason]string{
	Unchanged:           "Nothing changed since both sides last agreed.",
	SourceBlankIgnored:  "The source is empty now. An empty cell means nothing for HubSpot here, so HubSpot keeps its value.",
	HubSpotBlankIgnored: "HubSpot is empty now. An empty property means nothing for the source here, so the source keeps its value.",
	SourceNotRead:       "The source did not give this field, so nothing is decided until it is read again.",
	HubSpotNotRead:      "HubSpot did not give this property, so nothing is decided until it is read again.",

	FirstRunSame:           "First run: both sides hold the same value.",
	FirstRunSourceNothing:  "First run: the source is empty, so HubSpot keeps its value.",
	FirstRunHubSpotNothing: "First run: HubSpot is empty, so the source keeps its value.",
	SameEdit:               "Both sides changed to the same value.",
	AgreeNow:               "Both sides hold the same value now.",
	AgreedAgain:            "Both sides hold the same value now, so the conflict is over.",
	SettledApart:           "Decided in Review: each side keeps its own value, because this field flows one way only.",

	FirstRunHubSpotEmpty: "First run: HubSpot was empty.",
	FirstRunSourceEmpty:  "First run: the source was empty.",
	FirstRunToHubSpot:    "First run: this field only flows to HubSpot, so the source's value replaces HubSpot's.",
	FirstRunFromHubSpot:  "First run: this field only flows to the source, so HubSpot's value replaces the source's.",
	SourceChanged:        "Only the source changed. Two-way field.",
	HubSpotChanged:       "Only HubSpot changed. Two-way field.",
	SourceChangedOneWay:  "Only the source changed. This field only flows to HubSpot.",
	HubSpotChangedOneWay: "Only HubSpot changed. This field only flows to the source.",
	SourceCleared:        "Only the source changed: it was emptied. An empty cell clears HubSpot here.",
	HubSpotCleared:       "Only HubSpot changed: it was emptied. An empty property clears the source here.",
	SourceWins:           "The two sides differ. By this field's rule the source wins.",
	HubSpotWins:          "The two sides differ. By this field's rule HubSpot wins.",
	SourceNewer:          "The two sides differ. The source's value is newer, and by this field's rule the newest wins.",
	HubSpotNewer:         "The two sides differ. HubSpot's value is newer, and by this field's rule the newest wins.",
	SetsMerged:           "Both sides changed the selection. What either side added or removed is kept.",
	SettledSource:        "Decided in Review: the source's value.",
	SettledHubSpot:       "Decided in Review: HubSpot's value.",
	SettledBase:          "Decided in Review: back to the base.",
	SettledValue:         "Decided in Review: a value typed there.",

	FirstRunDiffers:        "First run: the two sides hold different values. You decide.",
	BothChanged:            "Both sides changed to different values. You decide.",
	BothChangedToHubSpot:   "Both sides changed to different values. This field only flows to HubSpot and would replace an edit made there. You decide.",
	BothChangedFromHubSpot: "Both sides changed to different values. This field only flows to the source and would replace an edit made there. You decide.",
	NewestUnknown:          "The two sides differ, and it is not certain which value is newer. You decide.",
	StillOpen:              "This conflict still waits in Review.",
	MovedSinceDecided:      "A side changed again after this was decided. Please decide on the new values.",
	NoBase:                 "There is no base to go back to: the two sides never agreed. Choose one of the two values.",

	SourceDrift:      "Only the source changed. This field only flows to the source, so the edit is left alone.",
	HubSpotDrift:     "Only HubSpot changed. This field only flows to HubSpot, so the edit is left alone.",
	SourceWinsDrift:  "The two sides differ. By this field's rule the source's value stays, and it does not flow to HubSpot.",
	HubSpotWinsDrift: "The two sides differ. By this field's rule HubSpot's value stays, and it does not flow to the source.",
}

// Reasons returns every reason, sorted by its code.
func Reasons() []Reason { return slices.Sorted(maps.Keys(sentences)) }

// Sentence says the reason in a sentence for people. A code that this version
// does not know, from a newer workspace, is its own sentence.
func (r Reason) Sentence() string {
	if s, ok := sentences[r]; ok {
		return s
	}
	return string(r)
}
