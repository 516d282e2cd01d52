// A client for the tests of permissions: does what Go's client library can do with a bucket, an object
// store, a stream and a service, each on a connection of its own, all at once. It prints a line for each:
// its name, a tab, and "yes", or "no" where nats-server refused it, or "failed: …" for anything else.
package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

const patience = 4 * time.Second

type operation func(*nats.Conn, nats.JetStreamContext) error

func onBucket(act func(nats.KeyValue) error) operation {
	return func(_ *nats.Conn, js nats.JetStreamContext) error {
		kv, err := js.KeyValue("cfg")
		if err != nil {
			return err
		}
		return act(kv)
	}
}

func onObjects(act func(nats.ObjectStore) error) operation {
	return func(_ *nats.Conn, js nats.JetStreamContext) error {
		store, err := js.ObjectStore("pics")
		if err != nil {
			return err
		}
		return act(store)
	}
}

func entry(_ nats.KeyValueEntry, err error) error { return err }
func revision(_ uint64, err error) error          { return err }

func first(sub *nats.Subscription, err error) error {
	if err != nil {
		return err
	}
	_, err = sub.NextMsg(patience)
	return err
}

func pull(nc *nats.Conn, js nats.JetStreamContext) error {
	sub, err := js.PullSubscribe("orders.>", "mine", nats.BindStream("ORDERS"))
	if err != nil {
		return err
	}
	messages, err := sub.Fetch(1, nats.MaxWait(patience))
	if err != nil {
		return err
	}
	return messages[0].AckSync()
}

func bind(nc *nats.Conn, js nats.JetStreamContext) error {
	sub, err := js.PullSubscribe("", "", nats.Bind("ORDERS", "made"))
	if err != nil {
		return err
	}
	_, err = sub.Fetch(1, nats.MaxWait(patience))
	return err
}

func stop(kv nats.KeyValue) error {
	watcher, err := kv.Watch("app.>")
	if err != nil {
		return err
	}
	<-watcher.Updates()
	return watcher.Stop()
}

func watch(keys string) func(nats.KeyValue) error {
	return func(kv nats.KeyValue) error {
		watcher, err := kv.Watch(keys)
		if err != nil {
			return err
		}
		if (<-watcher.Updates()) == nil {
			return errors.New("no entries")
		}
		return nil
	}
}

// As the service libraries do; that of this client is another one in each Debian.
func serve(nc *nats.Conn, _ nats.JetStreamContext) error {
	for _, subject := range []string{"adder.add", "$SRV.PING", "$SRV.INFO.adder", "$SRV.STATS.adder.one"} {
		if _, err := nc.QueueSubscribe(subject, "q", func(message *nats.Msg) { message.Respond(nil) }); err != nil {
			return err
		}
	}
	return nil
}

var operations = map[string]operation{
	"get":           onBucket(func(kv nats.KeyValue) error { return entry(kv.Get("app.port")) }),
	"other key":     onBucket(func(kv nats.KeyValue) error { return entry(kv.Get("db.password")) }),
	"by revision":   onBucket(func(kv nats.KeyValue) error { return entry(kv.GetRevision("app.port", 1)) }),
	"put":           onBucket(func(kv nats.KeyValue) error { return revision(kv.Put("app.put", nil)) }),
	"put other key": onBucket(func(kv nats.KeyValue) error { return revision(kv.Put("db.put", nil)) }),
	"delete":        onBucket(func(kv nats.KeyValue) error { return kv.Delete("app.delete") }),
	"purge":         onBucket(func(kv nats.KeyValue) error { return kv.Purge("app.purge") }),
	"watch":         onBucket(watch("app.>")),
	"watch all":     onBucket(watch(">")),
	"stop":          onBucket(stop),
	"list keys":     onBucket(func(kv nats.KeyValue) error { _, err := kv.Keys(); return err }),
	"history":       onBucket(func(kv nats.KeyValue) error { _, err := kv.History("app.port"); return err }),

	"put object":   onObjects(func(store nats.ObjectStore) error { _, err := store.PutString("new", "text"); return err }),
	"get object":   onObjects(func(store nats.ObjectStore) error { _, err := store.GetString("old"); return err }),
	"list objects": onObjects(func(store nats.ObjectStore) error { _, err := store.List(); return err }),
	"seed": onObjects(func(store nats.ObjectStore) error {
		for _, name := range []string{"old", "doomed"} {
			if _, err := store.PutString(name, "text"); err != nil {
				return err
			}
		}
		return nil
	}),
	"delete object": onObjects(func(store nats.ObjectStore) error { return store.Delete("doomed") }),
	"object watch":  onObjects(func(store nats.ObjectStore) error { _, err := store.Watch(); return err }),

	"pull": pull,
	"bind": bind,
	"ordered": func(_ *nats.Conn, js nats.JetStreamContext) error {
		return first(js.SubscribeSync("orders.>", nats.OrderedConsumer(), nats.BindStream("ORDERS")))
	},
	"push": func(_ *nats.Conn, js nats.JetStreamContext) error {
		return first(js.SubscribeSync("orders.>", nats.Durable("pushed"), nats.BindStream("ORDERS")))
	},
	"publish": func(_ *nats.Conn, js nats.JetStreamContext) error { _, err := js.Publish("orders.go", nil); return err },
	"message": func(_ *nats.Conn, js nats.JetStreamContext) error { _, err := js.GetMsg("ORDERS", 1); return err },

	"serve": serve,
	"call": func(nc *nats.Conn, _ nats.JetStreamContext) error {
		_, err := nc.Request("adder.add", nil, patience)
		return err
	},
	"ping": func(nc *nats.Conn, _ nats.JetStreamContext) error {
		_, err := nc.Request("$SRV.PING.adder", nil, patience)
		return err
	},
}

func refused(err error) bool {
	return strings.Contains(strings.ToLower(fmt.Sprint(err)), "permissions violation")
}

func try(url, user, password, inbox string, act operation) string {
	said := make(chan string, 8)
	onError := func(_ *nats.Conn, _ *nats.Subscription, err error) {
		if refused(err) {
			said <- "no\t" + err.Error()
		}
	}
	nc, err := nats.Connect(url, nats.UserInfo(user, password), nats.CustomInboxPrefix(inbox), nats.ErrorHandler(onError), nats.NoReconnect(), nats.Timeout(10*time.Second))
	if err != nil {
		return "failed: " + err.Error()
	}
	js, err := nc.JetStream(nats.MaxWait(patience))
	if err != nil {
		return "failed: " + err.Error()
	}
	go func() {
		err := act(nc, js)
		nc.Flush() // what is refused is told before the answer
		switch {
		case err == nil && !refused(nc.LastError()):
			said <- "yes"
		case refused(nc.LastError()):
			said <- "no\t" + nc.LastError().Error()
		default:
			said <- "failed: " + fmt.Sprint(err)
		}
	}()
	return <-said
}

func main() {
	var all sync.WaitGroup
	for _, name := range os.Args[5:] {
		all.Add(1)
		go func(name string) {
			defer all.Done()
			began := time.Now()
			result := try(os.Args[1], os.Args[2], os.Args[3], os.Args[4], operations[name])
			fmt.Printf("%s\t%s\t%d\n", name, result, time.Since(began).Milliseconds())
		}(name)
	}
	all.Wait()
}
