//VTK::System::Dec
//VTK::Output::Dec

// A ray through tissue. The signal is computed at every sample from proton density and relaxation rates.
// Places and lengths are in millimetres of the patient; t is the way along the ray from the eye.

uniform sampler3D in_volume[1]; // PD, 1/T1, 1/T2 or 1/T2* (1/s), and how many voxels away the next tissue is
//VTK::CustomUniforms::Dec

//SEQUENCE

const int XRAY = 2;
const int MAXIMUM = 3; // others are surfaces
const int MOST = 2000; // samples
const float NOWHERE = 1e9;

vec3 texture_place(vec3 place) { return v_to_texture * (place - v_corner); }
vec4 tissue(vec3 place) { return texture(in_volume[0], texture_place(place)); }

// Grey of the signal in the window of level and width.
float grey(vec4 tissue) {
  float shown = signal(tissue.r, tissue.g, tissue.b);
  if (v_signed == 0) shown = abs(shown);
  return clamp((shown - v_low) / (v_high - v_low), 0.0, 1.0);
}

// 1 in tissue, 0 in air and in fluid, whose T1 is long; the surface is at one half.
float solid(vec4 tissue) {
  return clamp(tissue.r / 0.8, 0.0, 1.0) * clamp((tissue.g - 0.24) / 0.32, 0.0, 1.0);
}

vec3 outward(vec3 place) {
  float h = v_smooth;
  vec3 slope = vec3(
    solid(tissue(place + vec3(h, 0, 0))) - solid(tissue(place - vec3(h, 0, 0))),
    solid(tissue(place + vec3(0, h, 0))) - solid(tissue(place - vec3(0, h, 0))),
    solid(tissue(place + vec3(0, 0, h))) - solid(tissue(place - vec3(0, 0, h))));
  return -slope / max(length(slope), 1e-6);
}

// What is around a place of the surface takes light away: it darkens sulci.
float openness(vec3 place, vec3 normal) {
  float taken = 0.0;
  taken += 0.30 * solid(tissue(place + 2.0 * normal));
  taken += 0.30 * solid(tissue(place + 4.5 * normal));
  taken += 0.25 * solid(tissue(place + 8.0 * normal));
  return 1.0 - taken;
}

// The signal just below the surface, as a grey.
float skin(vec3 place, vec3 normal) {
  return (grey(tissue(place - 1.0 * normal)) + grey(tissue(place - 2.5 * normal)) + grey(tissue(place - 4.0 * normal))) / 3.0;
}

vec4 lit(vec3 place, vec3 ray) {
  vec3 normal = outward(place);
  vec3 light = normalize(-ray + 0.55 * v_top - 0.45 * v_right);
  float open = openness(place, normal);
  float diffuse = max(dot(normal, light), 0.0);
  float gloss = pow(max(dot(normal, normalize(light - ray)), 0.0), 24.0);
  float rim = 0.35 + 0.65 * max(dot(normal, -ray), 0.0);
  float shade = skin(place, normal) * open * rim * (0.42 + 0.85 * diffuse) + 0.08 * gloss * open;
  return vec4(vec3(clamp(shade, 0.0, 1.0)), 1.0);
}

// Between which t the ray is inside all of the cut's half spaces, where tissue is taken away.
vec2 removed(vec3 eye, vec3 ray) {
  if (v_cuts == 0) return vec2(NOWHERE);
  vec2 inside = vec2(-NOWHERE, NOWHERE);
  for (int i = 0; i < 3; ++i) {
    if (i >= v_cuts) break;
    vec3 normal = i == 0 ? v_cut0 : i == 1 ? v_cut1 : v_cut2;
    float height = dot(normal, eye - v_cross), climb = dot(normal, ray);
    if (abs(climb) < 1e-6) climb = 1e-6;
    float at = -height / climb;
    if (climb > 0.0) inside.x = max(inside.x, at); else inside.y = min(inside.y, at);
  }
  return inside.x < inside.y ? inside : vec2(NOWHERE);
}

// Where the ray enters and leaves the volume.
vec2 within(vec3 eye, vec3 ray) {
  vec3 from = texture_place(eye), along = v_to_texture * ray;
  along = mix(along, vec3(1e-9), lessThan(abs(along), vec3(1e-9)));
  vec3 a = (v_edge - from) / along, b = (1.0 - v_edge - from) / along;
  vec3 near = min(a, b), far = max(a, b);
  return vec2(max(max(near.x, near.y), max(near.z, 0.0)), min(far.x, min(far.y, far.z)));
}

// How far one may go from here without passing tissue.
float leap(vec4 here) { return max(v_step, (here.a - 1.5) * v_voxel); }

// The greys along the ray added up; the more there is, the less is added.
vec4 xray(vec3 eye, vec3 ray, vec2 way) {
  float sum = 0.0;
  float t = way.x;
  for (int i = 0; i < MOST && t < way.y; ++i) {
    vec4 here = tissue(eye + t * ray);
    if (here.a < 1.0) sum += grey(here) * v_step;
    t += leap(here);
  }
  return vec4(vec3(1.0 - exp(-sum / v_thick)), 1.0);
}

// The greatest grey along the ray.
vec4 maximum(vec3 eye, vec3 ray, vec2 way) {
  float most = 0.0;
  float t = way.x;
  for (int i = 0; i < MOST && t < way.y; ++i) {
    vec4 here = tissue(eye + t * ray);
    if (here.a < 1.0) most = max(most, grey(here));
    if (most >= 1.0) break;
    t += leap(here);
  }
  return vec4(vec3(most), 1.0);
}

// Where tissue begins, between a place before it and one in it.
float border(vec3 eye, vec3 ray, float before, float behind) {
  for (int i = 0; i < 5; ++i) {
    float middle = 0.5 * (before + behind);
    if (solid(tissue(eye + middle * ray)) > 0.5) behind = middle; else before = middle;
  }
  return behind;
}

// The first tissue on the way: the face of a cut, or a surface. Light is computed after the search, where rays are together again.
vec4 surface(vec3 eye, vec3 ray, vec2 way) {
  vec2 gone = removed(eye, ray);
  bool face = false, found = false;
  float before = way.x, t = way.x;
  for (int i = 0; i < MOST && t < way.y; ++i) {
    face = t >= gone.x && t < gone.y;
    if (face) before = t = gone.y;
    vec4 here = tissue(eye + t * ray);
    face = face && here.a < 0.5;
    found = face || solid(here) > 0.5;
    if (found) break;
    before = t;
    float next = t + leap(here);
    t = t < gone.x && next > gone.x ? gone.x : next;
  }
  if (!found || t >= way.y) return vec4(0.0);
  if (face) return vec4(vec3(grey(tissue(eye + t * ray))), 1.0);
  return lit(eye + border(eye, ray, before, t) * ray, ray);
}

void main() {
  prepare();
  vec2 at = 2.0 * gl_FragCoord.xy / v_size - 1.0;
  vec3 eye = v_eye + at.x * v_eye_across + at.y * v_eye_up;
  vec3 ray = normalize(v_ahead + at.x * v_across + at.y * v_up);
  vec2 way = within(eye, ray);
  vec4 seen = vec4(0.0);
  if (way.x < way.y) {
    if (v_preset == MAXIMUM) seen = maximum(eye, ray, way);
    else if (v_preset == XRAY) seen = xray(eye, ray, way);
    else seen = surface(eye, ray, way);
  }
  gl_FragData[0] = seen;
}
