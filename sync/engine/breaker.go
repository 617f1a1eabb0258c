package engine

import "fmt"

const (
	// A run in which more than this share of the calls fail is stopped: HubSpot
	// asks that less than 5 % of an app's calls of a day do.
	failingShare = 0.03
	// Fewer failures than this say nothing: each is answered by another try.
	failingLeast = 25
)

// FailingError stops a run in which too many calls fail. What was written is
// accounted for; the next run goes on where it stopped.
type FailingError struct {
	Failed, Calls int // of this run
}

func (e *FailingError) Error() string {
	return fmt.Sprintf("stopped by a guard rail: %d of the %d calls to HubSpot in this run failed (%.1f %%, the limit is %.0f %%): HubSpot or the line to it is not well. "+
		"Nothing is lost. Run again later: it goes on where it stopped.", e.Failed, e.Calls, 100*float64(e.Failed)/float64(e.Calls), 100*failingShare)
}

// breaker stops the job when too many of its calls failed. It is asked before
// each batch and after each page.
func (j *job) breaker() error {
	t := j.Client.Traffic()
	calls, failed := t.Total-(j.calls.Total-j.calls.Source), t.Failed-j.failedBefore
	if failed < failingLeast || float64(failed) <= failingShare*float64(calls) {
		return nil
	}
	return &FailingError{Failed: failed, Calls: calls}
}
