package ecs_test

import (
	"testing"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

func TestMoneyDiv(t *testing.T) {
	for _, test := range []struct {
		amount string
		by     int64
		want   string
	}{
		{"1", 3, "0.333333333"},
		{"2", 3, "0.666666667"},
		{"0.000000001", 2, "0.000000001"},
		{"-0.000000001", 2, "-0.000000001"},
		{"-1", 3, "-0.333333333"},
		{"-7.5", 2, "-3.75"},
		{"9223372036854775807.999999999", 1, "9223372036854775807.999999999"},
		{"0", 7, "0"},
	} {
		amount, err := ecs.ParseMoney("CNY", test.amount)
		if err != nil {
			t.Fatal(err)
		}
		want, err := ecs.ParseMoney("CNY", test.want)
		if err != nil {
			t.Fatal(err)
		}
		if got := amount.Div(test.by); got != want {
			t.Errorf("%s / %d: got %s, want %s", amount, test.by, got, want)
		}
	}
}

func TestMoneyShare(t *testing.T) {
	cny := func(text string) ecs.Money {
		m, err := ecs.ParseMoney("CNY", text)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	for _, test := range []struct {
		part, whole ecs.Money
		want        int64
	}{
		{cny("0.1"), cny("0.3"), 3333},
		{cny("0.2"), cny("0.3"), 6667},
		{cny("0.3"), cny("0.3"), 10_000},
		{cny("0.4"), cny("0.2"), 20_000},
		{cny("0.1"), cny("0"), 0},
		{cny("0.1"), ecs.Money{}, 0},
		{cny("0.1"), ecs.Money{CurrencyCode: "USD", Units: 1}, 0},
	} {
		if got := test.part.Share(test.whole, 10_000); got != test.want {
			t.Errorf("%s of %s: got %d, want %d", test.part, test.whole, got, test.want)
		}
	}
}

func TestClientToken(t *testing.T) {
	token := ecs.ClientToken("launch", "r-1", "1")
	if len(token) > 64 || token != ecs.ClientToken("launch", "r-1", "1") {
		t.Errorf("the token is %q of %d characters", token, len(token))
	}
	for _, other := range [][]string{{"launch", "r-11"}, {"launch", "r-1", "2"}, {"launchr-1", "1"}, {"launch", "r-1", "1", ""}} {
		if ecs.ClientToken(other...) == token {
			t.Errorf("%q has the same token", other)
		}
	}
}
