using System.ComponentModel;
using System.Text.Json;
using Blobs.Json;
using Blobs.Json.Internal;

namespace Blobs.Oci.Internal;

/// <summary>
/// Writes a <see cref="RunConfig"/> as dockerd 20.10 does: members in the order of the Go struct, some left out when
/// empty, others <c>null</c>, and unknown members in their old position. Image configs and containers' files hold it; a
/// config's bytes are its identity.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class RunConfigWriter
{
    private static readonly string[] HealthcheckNames = ["Test", "Interval", "Timeout", "StartPeriod", "StartInterval", "Retries"];

    private static readonly byte[] EmptyObject = "{}"u8.ToArray();

    /// <summary>The names of the members that dockerd 20.10 knows.</summary>
    public static IReadOnlyCollection<string> Names { get; } = [.. Members(new RunConfig(), onlyKnown: true).Select(member => member.Name)];

    public static void Write(GoJsonWriter json, RunConfig config) => json.Object(Members(config, onlyKnown: false), config.Unknown);

    public static byte[] ToJson(RunConfig config) => GoJsonWriter.Value(json => Write(json, config));

    /// <summary>Writes only the members that dockerd 20.10 knows: for documents that must equal those it writes.</summary>
    public static byte[] ToKnownJson(RunConfig config) => GoJsonWriter.Value(json => json.Object(Members(config, onlyKnown: true)));

    /// <summary>The members that differ between two configs, each with its new value; null for one that is empty
    /// now.</summary>
    internal static IReadOnlyList<(string Name, byte[]? Json)> Changes(RunConfig old, RunConfig config)
    {
        (string Name, byte[]? Json)[] before = Members(old, onlyKnown: false);
        (string Name, byte[]? Json)[] empty = Members(new RunConfig(), onlyKnown: false);
        return
        [
            .. Members(config, onlyKnown: false)
                .Where((member, index) => !Equal(member.Json, before[index].Json))
                .Select(member => (member.Name, IsEmpty(member) ? null : member.Json)),
        ];

        bool IsEmpty((string Name, byte[]? Json) member) => Equal(member.Json, Array.Find(empty, one => one.Name == member.Name).Json);

        static bool Equal(byte[]? one, byte[]? other) => (one is null) == (other is null) && one.AsSpan().SequenceEqual(other);
    }

    private static (string Name, byte[]? Json)[] Members(RunConfig config, bool onlyKnown) =>
    [
        ("Hostname", Text(config.Hostname)),
        ("Domainname", Text(config.Domainname)),
        ("User", Text(config.User)),
        ("AttachStdin", Flag(config.AttachStdin)),
        ("AttachStdout", Flag(config.AttachStdout)),
        ("AttachStderr", Flag(config.AttachStderr)),
        ("ExposedPorts", config.ExposedPorts is { Count: > 0 } ports ? Set(ports, onlyKnown) : null),
        ("Tty", Flag(config.Tty)),
        ("OpenStdin", Flag(config.OpenStdin)),
        ("StdinOnce", Flag(config.StdinOnce)),
        ("Env", List(config.Env)),
        ("Cmd", List(config.Cmd)),
        ("Healthcheck", config.Healthcheck is { ValueKind: JsonValueKind.Object } check ? Healthcheck(check, onlyKnown) : null),
        ("ArgsEscaped", config.ArgsEscaped ? Flag(true) : null),
        ("Image", Text(config.Image)),
        ("Volumes", Set(config.Volumes, onlyKnown)),
        ("WorkingDir", Text(config.WorkingDir)),
        ("Entrypoint", List(config.Entrypoint)),
        ("NetworkDisabled", config.NetworkDisabled ? Flag(true) : null),
        ("MacAddress", TextIfAny(config.MacAddress)),
        ("OnBuild", List(config.OnBuild)),
        ("Labels", GoJsonWriter.Value(json => json.Map(config.Labels))),
        ("StopSignal", TextIfAny(config.StopSignal)),
        ("StopTimeout", config.StopTimeout is { } timeout ? GoJsonWriter.Value(json => json.Number(timeout)) : null),
        ("Shell", config.Shell is { Count: > 0 } shell ? List(shell) : null),
    ];

    // Its reader gave known members their canonical names, once each.
    private static byte[] Healthcheck(JsonElement healthcheck, bool onlyKnown)
    {
        IEnumerable<(string Name, byte[]? Json)> members = HealthcheckNames
            .Where(name => !onlyKnown || name != "StartInterval")
            .Select(name => (name, healthcheck.TryGetProperty(name, out JsonElement value) ? Known(value) : null));
        UnknownMembers unknown = onlyKnown ? UnknownMembers.None : UnknownMembers.Of([healthcheck], HealthcheckNames);
        return GoJsonWriter.Value(json => json.Object(members, unknown));

        static byte[]? Known(JsonElement value) => value.ValueKind == JsonValueKind.Array ? Words(value) : Number(value);
    }

    private static byte[]? Words(JsonElement list) =>
        list.GetArrayLength() > 0 ? List([.. list.EnumerateArray().Select(word => word.ToString())]) : null;

    private static byte[]? Number(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) && number != 0
            ? GoJsonWriter.Value(json => json.Number(number))
            : null;

    // Go's map[string]struct{}: dockerd ignores the values, in which other tools may keep members.
    private static byte[] Set(IReadOnlyDictionary<string, JsonElement>? values, bool onlyKnown) => values is null
        ? GoJsonWriter.Value(json => json.Null())
        : GoJsonWriter.Value(json => json.Object(values.OrderBy(item => item.Key, GoOrder.Instance).Select(item =>
            (item.Key, (byte[]?)(!onlyKnown && HasMembers(item.Value) ? UnknownMembers.Bytes(item.Value) : EmptyObject)))));

    private static bool HasMembers(JsonElement value) => value.ValueKind == JsonValueKind.Object && value.GetPropertyCount() > 0;

    private static byte[] Text(string? value) => GoJsonWriter.Value(json => json.String(value ?? ""));

    private static byte[]? TextIfAny(string? value) => string.IsNullOrEmpty(value) ? null : Text(value);

    private static byte[] Flag(bool value) => value ? "true"u8.ToArray() : "false"u8.ToArray();

    private static byte[] List(IReadOnlyList<string>? values) => GoJsonWriter.Value(json => json.Strings(values));
}
