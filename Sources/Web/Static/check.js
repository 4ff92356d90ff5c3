// The check before a call: whether camera and microphone give something, how long the server takes
// to answer, and whether a relay can be reached where there is one.
"use strict";

(() => {
  const check = document.getElementById("check");
  const begin = document.getElementById("check-begin");
  if (!check || !begin) return;
  const words = JSON.parse(check.dataset.words);
  const servers = JSON.parse(check.dataset.servers);
  const part = (name) => document.getElementById(`check-${name}`);
  const passed = new Map();

  function say(name, word, isGood) {
    passed.set(name, isGood);
    part(name).textContent = words[word];
    part(name).className = isGood ? "tag live" : "tag";
  }

  // Why a browser gives no camera or microphone (Media Capture and Streams, section 10.2).
  function reason(problem) {
    switch (problem?.name) {
      case "NotAllowedError": return "denied";
      case "NotFoundError": case "OverconstrainedError": return "missing";
      case "NotReadableError": case "AbortError": return "busy";
      default: return "other";
    }
  }

  const open = [];
  async function device(name, wanted) {
    part(name).textContent = words.running;
    if (!window.isSecureContext) return say(name, "insecure", false);
    if (!navigator.mediaDevices?.getUserMedia) return say(name, "no_browser", false);
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia(wanted);
    } catch (problem) {
      return say(name, reason(problem), false);
    }
    open.push(...stream.getTracks());
    if (name === "camera") {
      part("video").srcObject = stream;
      part("video").hidden = false;
      return say(name, "camera_good", true);
    }
    const loudest = await listen(stream);
    // a quiet room is no fault: it is said, and passes
    return say(name, loudest > 1 ? "microphone_good" : "microphone_silent", true);
  }

  // How loud it is, for three seconds and on: from 0 to 100.
  async function listen(stream) {
    const Sound = window.AudioContext || window.webkitAudioContext;
    if (!Sound) return 0;
    const sound = new Sound();
    await sound.resume().catch(() => {});
    const meter = sound.createAnalyser();
    meter.fftSize = 512;
    sound.createMediaStreamSource(stream).connect(meter);
    part("level-text").hidden = false;
    const wave = new Uint8Array(meter.fftSize);
    let loudest = 0;
    const look = () => {
      meter.getByteTimeDomainData(wave);
      const level = Math.min(100, Math.max(...wave.map((each) => Math.abs(each - 128))));
      part("level").value = level;
      loudest = Math.max(loudest, level);
    };
    const timer = setInterval(look, 100);
    addEventListener("pagehide", () => clearInterval(timer));
    await new Promise((done) => setTimeout(done, 3000));
    return loudest;
  }

  // Five times there and back; what is asked for is the same for everyone.
  async function line() {
    part("line").textContent = words.running;
    const times = [];
    for (let tries = 0; tries < 5; tries += 1) {
      const start = performance.now();
      try {
        const answer = await fetch("/static/check.js", { cache: "no-store" });
        await answer.arrayBuffer();
        if (answer.ok) times.push(performance.now() - start);
      } catch {
        // counted by its absence
      }
    }
    if (times.length < 3) return say("line", "line_none", false);
    times.sort((one, other) => one - other);
    const usual = times[Math.floor(times.length / 2)];
    const isGood = usual < 600 && times.length === 5;
    return say("line", isGood ? "line_good" : "line_slow", isGood);
  }

  // An address at a relay, or none within eight seconds.
  async function relay() {
    if (!part("relay")) return;
    if (!window.RTCPeerConnection) return say("relay", "relay_none", false);
    part("relay").textContent = words.running;
    const isThere = await new Promise((done) => {
      const peer = new RTCPeerConnection({ iceServers: servers, iceTransportPolicy: "relay" });
      const end = (found) => {
        peer.close();
        done(found);
      };
      peer.onicecandidate = ({ candidate }) => {
        if (candidate?.type === "relay") end(true);
      };
      peer.createDataChannel("check");
      peer.createOffer().then((offer) => peer.setLocalDescription(offer)).catch(() => end(false));
      setTimeout(() => end(false), 8000);
    });
    say("relay", isThere ? "relay_good" : "relay_none", isThere);
  }

  async function run() {
    begin.disabled = true;
    try {
      await look();
    } catch {
      part("result").textContent = words.not_passed;
    }
    begin.disabled = false;
  }

  async function look() {
    for (const track of open.splice(0)) track.stop();
    passed.clear();
    await device("camera", { video: true });
    await device("microphone", { audio: true });
    await line();
    await relay();
    const isPassed = [...passed.values()].every(Boolean);
    part("result").textContent = words[isPassed ? "passed" : "not_passed"];
    check.dataset.passed = String(isPassed);
    // what this has shown need not be ticked by hand
    if (isPassed) {
      for (const name of ["device", "line"]) {
        const box = document.querySelector(`#check-ready input[value=${name}]`);
        if (box) box.checked = true;
      }
    }
  }

  begin.hidden = false;
  begin.addEventListener("click", run);
  addEventListener("pagehide", () => open.forEach((track) => track.stop()));
})();
