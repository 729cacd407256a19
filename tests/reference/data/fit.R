# Fits of the simulated person-sessions that the reference tests compare with.
#
#   Rscript fit.R person_sessions_11.csv person_sessions_11.reference.json
#
# Needs lme4, glmmTMB, survival, cmprsk and jsonlite.

suppressPackageStartupMessages({
  library(lme4)
  library(glmmTMB)
  library(survival)
  library(cmprsk)
})

STATES <- c("intact", "unrepaired", "repaired")
ENDINGS <- c("dropout", "completed")
TIMES <- c(4, 8, 12, 16, 20)
LANDMARK <- 6
DIGITS <- 11

read_sessions <- function(path) {
  rows <- read.csv(path, stringsAsFactors = FALSE)
  rows$state <- factor(rows$state, levels = STATES)
  rows$dropout <- as.integer(rows$event == "dropout")
  rows
}

numbers <- function(x) signif(as.vector(x), DIGITS)

named <- function(x) setNames(as.list(numbers(x)), names(x))

fixed_effects <- function(coefficients) {
  effect <- function(name) {
    list(
      est = numbers(coefficients[name, "Estimate"]),
      se = numbers(coefficients[name, "Std. Error"])
    )
  }
  sapply(rownames(coefficients), effect, simplify = FALSE)
}

log_likelihood <- function(fit) round(as.numeric(logLik(fit)), 10)

hazard <- function(rows, link) {
  fit <- glmmTMB(
    dropout ~ factor(session) + state + severity + (1 | therapist),
    data = rows, family = binomial(link)
  )
  list(
    model = paste(
      "glmmTMB dropout ~ factor(session)+state+severity+(1|therapist), binomial",
      link, "(ML, Laplace)"
    ),
    fixed = fixed_effects(summary(fit)$coefficients$cond),
    sd_therapist = numbers(attr(VarCorr(fit)$cond$therapist, "stddev")),
    logLik = log_likelihood(fit)
  )
}

growth <- function(rows, reml) {
  fit <- lmer(
    symptom ~ session + state + severity + (1 + session | patient) + (1 | therapist),
    data = rows, REML = reml, control = lmerControl("bobyqa", optCtrl = list(rhoend = 1e-9))
  )
  random <- as.data.frame(VarCorr(fit))
  random$vcov <- numbers(random$vcov)
  random$sdcor <- numbers(random$sdcor)
  list(
    model = "lmer symptom ~ session+state+severity+(1+session|patient)+(1|therapist)",
    fixed = fixed_effects(summary(fit)$coefficients),
    random = random,
    logLik = log_likelihood(fit)
  )
}

cox <- function(rows) {
  fit <- coxph(
    Surv(session - 1, session, dropout) ~ state + severity,
    data = rows, ties = "efron", cluster = therapist
  )
  list(
    model = paste(
      "coxph Surv(session-1,session,dropout) ~ state+severity, efron ties, cluster(therapist)"
    ),
    coef = named(coef(fit)),
    se_naive = numbers(sqrt(diag(fit$naive.var))),
    se_robust = numbers(sqrt(diag(vcov(fit)))),
    logLik = log_likelihood(fit)
  )
}

# A matrix of curves by times as one named list a curve.
by_curve <- function(at) {
  curve <- function(name) named(at[name, ])
  sapply(rownames(at), curve, simplify = FALSE)
}

last_sessions <- function(rows) {
  rows <- rows[order(rows$patient, rows$session), ]
  rows[!duplicated(rows$patient, fromLast = TRUE), ]
}

incidence <- function(rows) {
  last <- last_sessions(rows)
  at <- timepoints(cuminc(last$session, last$event, cencode = "stay"), TIMES)
  list(
    model = "cmprsk cuminc, all patients; causes dropout and completed; cencode stay",
    times = TIMES,
    estimate = by_curve(at$est),
    variance = by_curve(at$var)
  )
}

landmark <- function(rows) {
  start <- rows[rows$session == LANDMARK & rows$state != "intact", ]
  last <- last_sessions(rows[rows$patient %in% start$patient, ])
  last <- last[last$session > LANDMARK, ]
  state <- droplevels(start$state[match(last$patient, start$patient)])
  fit <- cuminc(last$session, last$event, state, cencode = "stay")
  times <- TIMES[TIMES > LANDMARK]
  tests <- as.data.frame(fit$Tests)
  tests$stat <- numbers(tests$stat)
  tests$pv <- numbers(tests$pv)
  list(
    model = paste(
      "cmprsk cuminc from session 6 among patients still in treatment after session 6",
      "whose state at 6 is unrepaired or repaired"
    ),
    n = as.list(table(state)),
    times = times,
    estimate = by_curve(timepoints(fit[names(fit) != "Tests"], times)$est),
    gray = tests
  )
}

multistate <- function(rows) {
  rows <- rows[order(rows$patient, rows$session), ]
  state <- as.character(rows$state)
  stays <- rows$event == "stay"
  to <- ifelse(stays, c(state[-1], NA), rows$event)
  # Who keeps a state, or is still in treatment at the end, moves nowhere: survival's censoring.
  last <- !duplicated(rows$patient, fromLast = TRUE)
  to[to == state | (stays & last)] <- "censor"
  rows$to <- factor(to, levels = c("censor", STATES, ENDINGS))
  fit <- survfit(
    Surv(session - 1, session, to) ~ 1,
    data = rows, id = patient, istate = state
  )
  at <- summary(fit, times = TIMES)$pstate
  colnames(at) <- fit$states
  list(
    model = paste(
      "survfit(Surv(session-1,session,to)~1,id=patient,istate=state),",
      "Aalen-Johansen state occupancy"
    ),
    initial = named(setNames(fit$p0, fit$states)),
    times = TIMES,
    pstate = as.data.frame(apply(at, 2, numbers))
  )
}

paths <- commandArgs(trailingOnly = TRUE)
rows <- read_sessions(paths[1])
packages <- sapply(c("lme4", "glmmTMB", "survival", "cmprsk"), packageDescription, fields = "Version")
fits <- list(
  data = basename(paths[1]),
  R = R.version.string,
  versions = as.list(packages),
  rows = nrow(rows),
  hazard_logit = hazard(rows, "logit"),
  hazard_cloglog = hazard(rows, "cloglog"),
  growth_reml = growth(rows, TRUE),
  growth_ml = growth(rows, FALSE),
  cox_time_varying = cox(rows),
  cumulative_incidence = incidence(rows),
  landmark6 = landmark(rows),
  multistate = multistate(rows)
)
jsonlite::write_json(fits, paths[2], pretty = TRUE, auto_unbox = TRUE, digits = NA)
