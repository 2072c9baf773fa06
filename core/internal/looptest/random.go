package looptest

import (
	"fmt"
	"math/rand"
	"os"
	"strconv"
	"testing"
	"time"
)

// AtRandom calls f in one subtest after another, each with random numbers from a seed of
// its own, until one fails or the time is over: half a second, or as many as
// QNET_TEST_SECONDS says. The name of a subtest tells its seed; QNET_TEST_SEED has
// that one alone.
func AtRandom(t *testing.T, f func(t *testing.T, random *rand.Rand)) {
	t.Helper()
	patience := 500 * time.Millisecond
	if seconds := setting(t, "QNET_TEST_SECONDS"); seconds > 0 {
		patience = time.Duration(seconds) * time.Second
	}
	seed, alone := setting(t, "QNET_TEST_SEED"), true
	if seed == 0 {
		seed, alone = rand.Int63(), false
	}
	for end := time.Now().Add(patience); ; seed++ {
		ok := t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { f(t, rand.New(rand.NewSource(seed))) })
		if !ok || alone || time.Now().After(end) {
			return
		}
	}
}

// setting returns a number of the environment, 0 if it is not there.
func setting(t *testing.T, name string) int64 {
	text, ok := os.LookupEnv(name)
	if !ok {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatalf("%s is no number: %v", name, err)
	}
	return n
}
