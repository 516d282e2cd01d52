#pragma once
// Answers from the store to what `examine` asks.

#include "auth/decision/judge.h"
#include "gateway/doctor/doctor.h"
#include "store/store.h"

namespace gateway {

// Borrows its arguments. The functions of the result throw store::Fault.
StoreAnswers answers_of(const store::Store& store, const auth::Judge& judge, auth::Time now);

}  // namespace gateway
