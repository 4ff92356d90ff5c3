// The built-in room: picture and sound between the open pages of a visit (WebRTC 1.0), which find
// each other by what the server passes on. Each pair of pages negotiates as the "perfect negotiation"
// of WebRTC 1.0, section 10.7, says; which of the two calls first is settled, so that their first
// offers do not cross: Chromium sometimes looks for no way to the other page after that.
"use strict";

(() => {
  const room = document.getElementById("room");
  const form = document.getElementById("room-form");
  if (!room || !form) return;
  const part = (name) => document.getElementById(`room-${name}`);
  const words = JSON.parse(room.dataset.words);
  const say = (name) => {
    if (part("status").textContent !== words[name]) part("status").textContent = words[name];
  };

  const session = [...crypto.getRandomValues(new Uint8Array(10))]
    .map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const own = { sound: null, picture: null, stream: new MediaStream() };
  const peers = new Map();
  // the pages that have left, of which something may still be heard
  const gone = new Set();
  let stream = null;

  // What the page says to the others, in the order in which it says it.
  let line = Promise.resolve();
  function tell(body, to) {
    const fields = new URLSearchParams(new FormData(form));
    fields.set("session", session);
    fields.set("body", JSON.stringify(body));
    if (to) fields.set("to", to);
    line = line.then(() => deliver(fields));
  }
  async function deliver(fields) {
    for (let tries = 0; tries < 5; tries += 1) {
      try {
        const answer = await fetch(room.dataset.signals, { method: "POST", body: fields });
        if (answer.status < 500 && answer.status !== 429) return;
      } catch {
        // the line is down; the next one may get through
      }
      await new Promise((done) => setTimeout(done, 500 << tries));
    }
  }

  // One of the others.
  class Peer {
    constructor({ session: theirs, participant, label, side }) {
      this.session = theirs;
      this.participant = participant;
      // calls first, and gives way where two offers cross
      this.isCalling = session < theirs;
      this.waitsSince = performance.now();
      this.calls = 0;
      this.isOffering = false;
      this.isIgnoring = false;
      this.figure = part("other").content.firstElementChild.cloneNode(true);
      this.video = this.figure.querySelector("video");
      this.figure.querySelector("figcaption").textContent =
        side === "guest" ? words[label] : label || words.somebody;
      this.video.srcObject = new MediaStream();
      part("pictures").append(this.figure);
      this.line = new RTCPeerConnection({
        iceServers: JSON.parse(room.dataset.servers),
        iceTransportPolicy: room.dataset.policy,
      });
      this.line.onnegotiationneeded = () => this.offer();
      this.line.onicecandidate = ({ candidate }) => {
        if (candidate) tell({ candidate }, theirs);
      };
      this.line.ontrack = ({ track }) => this.show(track);
      this.line.onconnectionstatechange = () => {
        if (this.line.connectionState === "failed") this.reopen();
        else this.waitsSince = performance.now();
        if (this.line.connectionState === "connected") this.calls = 0;
        showState();
      };
      if (this.isCalling) this.bring();
    }

    // One's own sound and picture; who calls and has none still wants those of the other.
    bring() {
      if (this.hasBrought) return;
      this.hasBrought = true;
      const add = (track, kind) => {
        if (track) return this.line.addTrack(track, own.stream);
        if (this.isCalling) this.line.addTransceiver(kind, { direction: "recvonly" });
        return null;
      };
      add(own.sound, "audio");
      this.picture = add(own.picture, "video");
      applyQuality(this);
    }

    // A call that has found no way yet is made again, a few times; who is not called calls, too.
    callAgain() {
      const waited = performance.now() - this.waitsSince;
      if (!["new", "connecting"].includes(this.line.connectionState)) return;
      if (!this.hasBrought && waited > 8000) this.bring();
      if (!this.isCalling || waited < 15000 << this.calls) return;
      if (this.calls === 3) {
        this.giveUp();
        return;
      }
      this.calls += 1;
      this.waitsSince = performance.now();
      this.line.restartIce();
      this.offer();
    }

    // Who is still there answers once more.
    giveUp() {
      this.end();
      tell({ here: "all" });
    }

    // Over new addresses; who does not come back within half a minute is gone.
    reopen() {
      if (this.isCalling) this.line.restartIce();
      this.waitsSince = performance.now();
      clearTimeout(this.patience);
      this.patience = setTimeout(() => {
        if (!["connected", "closed"].includes(this.line.connectionState)) this.giveUp();
      }, 30000);
    }

    async offer() {
      try {
        this.isOffering = true;
        await this.line.setLocalDescription();
        tell({ description: this.line.localDescription }, this.session);
      } finally {
        this.isOffering = false;
      }
    }

    async hear({ description, candidate }) {
      if (description) {
        const isCollision = description.type === "offer"
          && (this.isOffering || this.line.signalingState !== "stable");
        this.isIgnoring = !this.isCalling && isCollision;
        if (this.isIgnoring) return;
        await this.line.setRemoteDescription(description);
        if (description.type === "offer") {
          this.bring();
          await this.line.setLocalDescription();
          tell({ description: this.line.localDescription }, this.session);
        }
      } else if (candidate) {
        try {
          await this.line.addIceCandidate(candidate);
        } catch (problem) {
          if (!this.isIgnoring) throw problem;
        }
      }
    }

    show(track) {
      for (const old of this.video.srcObject.getTracks()) {
        if (old.kind === track.kind) this.video.srcObject.removeTrack(old);
      }
      this.video.srcObject.addTrack(track);
      this.video.play().catch((problem) => {
        if (problem.name === "NotAllowedError") part("listen").hidden = false;
      });
    }

    end() {
      this.line.close();
      this.figure.remove();
      peers.delete(this.session);
      gone.add(this.session);
      showState();
    }
  }

  function peer(from) {
    if (!peers.has(from.session)) peers.set(from.session, new Peer(from));
    return peers.get(from.session);
  }

  // What is heard is dealt with one after the other.
  let hearing = Promise.resolve();
  async function hear(event) {
    const from = JSON.parse(event.data);
    const body = JSON.parse(from.body);
    if (from.participant === room.dataset.participant) {
      // the newer of one's own pages has the room
      if (body.here === "all") close("replaced");
      return;
    }
    if (body.bye) {
      peers.get(from.session)?.end();
      return;
    }
    if (body.here) {
      gone.delete(from.session);
      // who comes again in another page has left the old one
      for (const old of [...peers.values()]) {
        if (old.participant === from.participant && old.session !== from.session) old.end();
      }
      const isNew = !peers.has(from.session);
      peer(from);
      if (isNew && body.here === "all") tell({ here: "you" }, from.session);
      return;
    }
    if (!gone.has(from.session)) await peer(from).hear(body);
  }

  // The room is left by this page, which says why.
  function close(reason) {
    stream?.close();
    for (const each of [...peers.values()]) each.end();
    for (const track of own.stream.getTracks()) track.stop();
    room.dataset.state = "closed";
    say(reason);
  }

  let isFirst = true;
  let patience = 2000;
  function follow() {
    if (room.dataset.state === "closed") return;
    stream = new EventSource(`${room.dataset.signals}?session=${session}`);
    stream.onopen = () => {
      if (isFirst) tell({ here: "all" });
      isFirst = false;
      patience = 2000;
    };
    // a browser comes again by itself when its line breaks, but not when a server says no
    stream.onerror = () => {
      if (stream.readyState !== EventSource.CLOSED || room.dataset.state === "closed") return;
      isFirst = true;
      setTimeout(follow, patience);
      patience = Math.min(2 * patience, 60000);
    };
    stream.onmessage = (event) => {
      hearing = hearing.then(() => hear(event)).catch((problem) => console.warn(problem));
    };
    stream.addEventListener("over", ({ data }) => {
      close(data);
      // a guest's page says what has become of it
      if (document.getElementById("guest-here")) location.reload();
    });
  }

  // What there is to say of the lines, and of one's own picture.
  function showState() {
    if (room.dataset.state === "closed") return;
    const states = [...peers.values()].map((each) => each.line.connectionState);
    if (states.length === 0) say("alone");
    else if (states.includes("connected")) say("connected");
    else if (states.some((state) => state === "failed" || state === "disconnected")) say("broken");
    else say("connecting");
    room.dataset.state = states.includes("connected") ? "connected" : "waiting";
  }

  // How much goes out: the whole picture, a small and slow one, or sound alone.
  const LEVELS = [
    { name: "full", most: 1500000, frames: 30 },
    { name: "low", most: 60000, frames: 5 },
    { name: "sound", most: 0, frames: 0 },
  ];
  const quality = { level: 0, bad: 0, good: 0 };

  async function applyQuality(only) {
    const level = LEVELS[quality.level];
    room.dataset.quality = level.name;
    part("quality-now").textContent = words[`quality_${level.name}`];
    for (const each of only ? [only] : peers.values()) {
      if (!each.picture) continue;
      const wanted = level.most === 0 ? null : own.picture;
      if (each.picture.track !== wanted) await each.picture.replaceTrack(wanted);
      const parameters = each.picture.getParameters();
      if (level.most === 0 || !parameters.encodings?.length) continue;
      parameters.encodings[0].maxBitrate = level.most;
      parameters.encodings[0].maxFramerate = level.frames;
      await each.picture.setParameters(parameters).catch(() => {});
    }
  }

  // Whether a line carries what goes over it: by what the other side says that it lost, how long an
  // answer takes, and how much the line is thought to take.
  async function isPoor(each) {
    let poor = false;
    for (const report of (await each.line.getStats()).values()) {
      if (report.type === "remote-inbound-rtp") {
        poor = poor || report.fractionLost > 0.1 || report.roundTripTime > 0.8;
      }
      if (report.type === "candidate-pair" && report.nominated) {
        const needed = quality.level === 0 ? 150000 : 40000;
        poor = poor || report.availableOutgoingBitrate < needed;
      }
    }
    return poor;
  }

  async function watchLines() {
    for (const each of peers.values()) each.callAgain();
    if (part("quality").value !== "automatic") return;
    const lines = [...peers.values()].filter((each) => each.line.connectionState === "connected");
    if (lines.length === 0) return;
    const isBad = (await Promise.all(lines.map(isPoor))).includes(true);
    quality.bad = isBad ? quality.bad + 1 : 0;
    quality.good = isBad ? 0 : quality.good + 1;
    if (quality.bad >= 2 && quality.level < 2) setQuality(quality.level + 1);
    else if (quality.good >= 10 && quality.level > 0) setQuality(quality.level - 1);
  }

  function setQuality(level) {
    Object.assign(quality, { level, bad: 0, good: 0 });
    applyQuality();
  }

  part("quality").addEventListener("change", (event) => {
    const chosen = LEVELS.findIndex((level) => level.name === event.target.value);
    setQuality(Math.max(chosen, 0));
  });

  // One's own camera and microphone.
  async function begin() {
    say("asking");
    const ask = (wanted) => navigator.mediaDevices?.getUserMedia(wanted) ?? Promise.reject();
    const picture = { width: { ideal: 640 }, height: { ideal: 480 } };
    const got = await ask({ audio: true, video: picture })
      .catch(() => ask({ audio: true }))
      .catch(() => null);
    for (const track of got?.getTracks() ?? []) {
      own[track.kind === "audio" ? "sound" : "picture"] = track;
      own.stream.addTrack(track);
    }
    part("own").srcObject = own.stream;
    part("camera").disabled = !own.picture;
    part("microphone").disabled = !own.sound;
    part("blocked").hidden = Boolean(own.sound);
    follow();
    showState();
    setInterval(watchLines, 3000);
  }

  function toggle(button, kind) {
    button.addEventListener("click", () => {
      const track = own[kind];
      if (!track) return;
      track.enabled = !track.enabled;
      button.setAttribute("aria-pressed", String(track.enabled));
    });
  }
  toggle(part("microphone"), "sound");
  toggle(part("camera"), "picture");
  part("listen").addEventListener("click", () => {
    for (const each of peers.values()) each.video.play();
    part("listen").hidden = true;
  });

  function sayGoodbye() {
    const fields = new URLSearchParams(new FormData(form));
    fields.set("session", session);
    fields.set("body", JSON.stringify({ bye: true }));
    navigator.sendBeacon(room.dataset.signals, fields);
    stream?.close();
  }
  addEventListener("pagehide", sayGoodbye);
  // once one has left, the way in is gone
  addEventListener("submit", ({ target }) => {
    if (target.querySelector("input[name=kind][value=leave]")) sayGoodbye();
  });

  // Who answers a guest at the door stays in the call: the page is not left for it.
  addEventListener("submit", async (event) => {
    const answered = event.target;
    // an old browser does not say which button it was: then the page is left after all
    if (!answered.closest("#live-door") || !event.submitter) return;
    event.preventDefault();
    const fields = new URLSearchParams(new FormData(answered));
    fields.set(event.submitter.name, event.submitter.value);
    try {
      const answer = await fetch(answered.action, { method: "POST", body: fields });
      if (!answer.ok) return location.reload();
      // the door is as it was found, so that it may be replaced
      document.activeElement?.blur();
      answered.reset();
    } catch {
      // the line is down; one can press again
    }
  });

  // For how long the visit has gone on; the page may be replaced around it.
  let shown = null;
  let began = 0;
  setInterval(() => {
    const lasting = document.getElementById("lasting");
    if (!lasting || lasting.dataset.running !== "yes") return;
    if (lasting !== shown) [shown, began] = [lasting, performance.now()];
    const passed = Math.floor((performance.now() - began) / 1000);
    const seconds = Number(lasting.dataset.seconds) + passed;
    lasting.textContent = `${Math.floor(seconds / 60)}\u00a0min ${seconds % 60}\u00a0s`;
  }, 1000);
  begin();
})();
