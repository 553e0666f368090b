"""What devices hand in: statements opened, decided and answered; handovers and every other act."""
