/* A client for the tests of permissions, on nats.c: as permission_client.go, with a process for each
   operation. */
#include <nats/nats.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const int64_t kPatience = 4000;
static const char* kName;

typedef natsStatus (*Operation)(natsConnection*, jsCtx*, kvStore*);

static void say(const char* result, const char* detail) {
  printf("%s\t%s\t%s\n", kName, result, detail == NULL ? "" : detail);
  fflush(stdout);
}

static void on_error(natsConnection* nc, natsSubscription* sub, natsStatus status, void* closure) {
  const char* text = NULL;
  (void)sub;
  (void)closure;
  natsConnection_GetLastError(nc, &text);
  if (status != NATS_NOT_PERMITTED) return;
  say("no", text);
  _exit(0);
}

static natsStatus get(natsConnection* nc, jsCtx* js, kvStore* kv) {
  (void)nc, (void)js;
  kvEntry* entry = NULL;
  return kvStore_Get(&entry, kv, "app.port");
}
static natsStatus other_key(natsConnection* nc, jsCtx* js, kvStore* kv) {
  (void)nc, (void)js;
  kvEntry* entry = NULL;
  return kvStore_Get(&entry, kv, "db.password");
}
static natsStatus by_revision(natsConnection* nc, jsCtx* js, kvStore* kv) {
  (void)nc, (void)js;
  kvEntry* entry = NULL;
  return kvStore_GetRevision(&entry, kv, "app.port", 1);
}
static natsStatus put(natsConnection* nc, jsCtx* js, kvStore* kv) {
  (void)nc, (void)js;
  return kvStore_PutString(NULL, kv, "app.put", "c");
}
static natsStatus put_other_key(natsConnection* nc, jsCtx* js, kvStore* kv) {
  (void)nc, (void)js;
  return kvStore_PutString(NULL, kv, "db.put", "c");
}
static natsStatus delete_key(natsConnection* nc, jsCtx* js, kvStore* kv) {
  (void)nc, (void)js;
  return kvStore_Delete(kv, "app.delete");
}
static natsStatus purge(natsConnection* nc, jsCtx* js, kvStore* kv) {
  (void)nc, (void)js;
  return kvStore_Purge(kv, "app.purge", NULL);
}
static natsStatus watch_all(natsConnection* nc, jsCtx* js, kvStore* kv) {
  (void)nc, (void)js;
  kvWatcher* watcher = NULL;
  kvEntry* entry = NULL;
  natsStatus status = kvStore_WatchAll(&watcher, kv, NULL);
  return status == NATS_OK ? kvWatcher_Next(&entry, watcher, kPatience) : status;
}
static natsStatus list_keys(natsConnection* nc, jsCtx* js, kvStore* kv) {
  (void)nc, (void)js;
  kvKeysList list;
  memset(&list, 0, sizeof list);
  return kvStore_Keys(&list, kv, NULL);
}
static natsStatus history(natsConnection* nc, jsCtx* js, kvStore* kv) {
  (void)nc, (void)js;
  kvEntryList list;
  memset(&list, 0, sizeof list);
  return kvStore_History(&list, kv, "app.port", NULL);
}

static natsStatus first(natsSubscription* sub) {
  natsMsg* message = NULL;
  return natsSubscription_NextMsg(&message, sub, kPatience);
}
static natsStatus pull(natsConnection* nc, jsCtx* js, kvStore* kv) {
  (void)nc, (void)kv;
  natsSubscription* sub = NULL;
  natsMsgList list;
  jsSubOptions options;
  jsSubOptions_Init(&options);
  options.Stream = "ORDERS";
  natsStatus status = js_PullSubscribe(&sub, js, "orders.>", "mine", NULL, &options, NULL);
  if (status == NATS_OK) status = natsSubscription_Fetch(&list, sub, 1, kPatience, NULL);
  return status == NATS_OK ? natsMsg_AckSync(list.Msgs[0], NULL, NULL) : status;
}
static natsStatus ordered(natsConnection* nc, jsCtx* js, kvStore* kv) {
  (void)nc, (void)kv;
  natsSubscription* sub = NULL;
  jsSubOptions options;
  jsSubOptions_Init(&options);
  options.Stream = "ORDERS";
  options.Ordered = true;
  natsStatus status = js_SubscribeSync(&sub, js, "orders.>", NULL, &options, NULL);
  return status == NATS_OK ? first(sub) : status;
}
static natsStatus push(natsConnection* nc, jsCtx* js, kvStore* kv) {
  (void)nc, (void)kv;
  natsSubscription* sub = NULL;
  jsSubOptions options;
  jsSubOptions_Init(&options);
  options.Stream = "ORDERS";
  options.Config.Durable = "pushed";
  natsStatus status = js_SubscribeSync(&sub, js, "orders.>", NULL, &options, NULL);
  return status == NATS_OK ? first(sub) : status;
}
static natsStatus publish(natsConnection* nc, jsCtx* js, kvStore* kv) {
  (void)nc, (void)kv;
  return js_Publish(NULL, js, "orders.c", "", 0, NULL, NULL);
}
static natsStatus message(natsConnection* nc, jsCtx* js, kvStore* kv) {
  (void)nc, (void)kv;
  natsMsg* got = NULL;
  return js_GetMsg(&got, js, "ORDERS", 1, NULL, NULL);
}

static natsStatus call(natsConnection* nc, jsCtx* js, kvStore* kv) {
  (void)js, (void)kv;
  natsMsg* answer = NULL;
  return natsConnection_RequestString(&answer, nc, "adder.add", "", kPatience);
}
static natsStatus ping(natsConnection* nc, jsCtx* js, kvStore* kv) {
  (void)js, (void)kv;
  natsMsg* answer = NULL;
  return natsConnection_RequestString(&answer, nc, "$SRV.PING.adder", "", kPatience);
}
static natsStatus serve(natsConnection* nc, jsCtx* js, kvStore* kv) {
  (void)js, (void)kv;
  natsSubscription* sub = NULL;
  natsStatus status = natsConnection_QueueSubscribeSync(&sub, nc, "adder.add", "q");
  return status == NATS_OK ? natsConnection_QueueSubscribeSync(&sub, nc, "$SRV.PING", "q") : status;
}

static const struct {
  const char* name;
  Operation act;
  bool of_bucket;
} kOperations[] = {
    {"get", get, true},
    {"other key", other_key, true},
    {"by revision", by_revision, true},
    {"put", put, true},
    {"put other key", put_other_key, true},
    {"delete", delete_key, true},
    {"purge", purge, true},
    {"watch all", watch_all, true},
    {"list keys", list_keys, true},
    {"history", history, true},
    {"pull", pull, false},
    {"ordered", ordered, false},
    {"push", push, false},
    {"publish", publish, false},
    {"message", message, false},
    {"call", call, false},
    {"ping", ping, false},
    {"serve", serve, false},
};

static void run(char** login, int index) {
  natsOptions* options = NULL;
  natsConnection* nc = NULL;
  jsCtx* js = NULL;
  kvStore* kv = NULL;
  jsOptions wait;
  kName = kOperations[index].name;
  natsOptions_Create(&options);
  natsOptions_SetURL(options, login[0]);
  natsOptions_SetUserInfo(options, login[1], login[2]);
  natsOptions_SetCustomInboxPrefix(options, login[3]);
  natsOptions_SetErrorHandler(options, on_error, NULL);
  natsOptions_SetTimeout(options, 10000);
  jsOptions_Init(&wait);
  wait.Wait = kPatience;
  natsStatus status = natsConnection_Connect(&nc, options);
  if (status == NATS_OK) status = natsConnection_JetStream(&js, nc, &wait);
  if (status == NATS_OK && kOperations[index].of_bucket) status = js_KeyValue(&kv, js, "cfg");
  if (status == NATS_OK) status = kOperations[index].act(nc, js, kv);
  /* What is refused is told before the answer, and to on_error by another thread. */
  const char* text = NULL;
  if (nc != NULL) natsConnection_Flush(nc);
  if (nc != NULL && natsConnection_GetLastError(nc, &text) == NATS_NOT_PERMITTED) {
    sleep(10); /* on_error ends this process */
  }
  say(status == NATS_OK ? "yes" : "failed", natsStatus_GetText(status));
  _exit(0);
}

int main(int argc, char** argv) {
  for (int i = 5; i < argc; i++) {
    for (size_t j = 0; j < sizeof kOperations / sizeof kOperations[0]; j++) {
      if (strcmp(argv[i], kOperations[j].name) == 0 && fork() == 0) run(argv + 1, (int)j);
    }
  }
  while (wait(NULL) > 0) {
  }
  return 0;
}
