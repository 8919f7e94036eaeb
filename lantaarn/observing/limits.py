"""When something needs a person: the same figures for the alert rules, the status and the runbooks."""

LAG_SECONDS = 300
TICK_SECONDS = 2 * 3600 + 300
AGREEMENT_DAYS = (90, 30, 7)  # before its end an agreement is warned about; at each the warning is a new one
AGREEMENT_OVER_DAYS = 60  # after its end it is no longer
WATCH_SECONDS = 900
AT_RISK_WORKING_DAYS = 2
