using System.Text.Json;
using Blobs.Json;

namespace Blobs.Oci;

/// <summary>
/// How a container of an image runs: <c>config</c> of an image's config, and of a container's own file (OCI image-spec config.md;
/// dockerd 20.10's container.Config). Null is absent.
/// </summary>
public sealed record RunConfig
{
    /// <summary>Host name inside the container.</summary>
    public string? Hostname { get; init; }

    /// <summary>Domain name inside the container.</summary>
    public string? Domainname { get; init; }

    /// <summary><c>USER[:GROUP]</c>, names or numbers.</summary>
    public string? User { get; init; }

    /// <summary>Whether a start connects standard input.</summary>
    public bool AttachStdin { get; init; }

    /// <summary>Whether a start connects standard output.</summary>
    public bool AttachStdout { get; init; }

    /// <summary>Whether a start connects standard error.</summary>
    public bool AttachStderr { get; init; }

    /// <summary><c>PORT[/PROTOCOL]</c> that are listened on.</summary>
    public IReadOnlyDictionary<string, JsonElement>? ExposedPorts { get; init; }

    /// <summary>Whether standard streams are a terminal.</summary>
    public bool Tty { get; init; }

    /// <summary>Whether standard input stays open.</summary>
    public bool OpenStdin { get; init; }

    /// <summary>Whether standard input closes with its first client.</summary>
    public bool StdinOnce { get; init; }

    /// <summary>Environment, <c>NAME=VALUE</c> each.</summary>
    public IReadOnlyList<string>? Env { get; init; }

    /// <summary>The command, or what is appended to the entry point.</summary>
    public IReadOnlyList<string>? Cmd { get; init; }

    /// <summary>How to find out whether the container is well; the document's own JSON.</summary>
    public JsonElement? Healthcheck { get; init; }

    /// <summary>Whether the command is one string for Windows.</summary>
    public bool ArgsEscaped { get; init; }

    /// <summary>The image's name, as who made it called it.</summary>
    public string? Image { get; init; }

    /// <summary>Paths that hold data of their own.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Volumes { get; init; }

    /// <summary>Working directory.</summary>
    public string? WorkingDir { get; init; }

    /// <summary>What is run.</summary>
    public IReadOnlyList<string>? Entrypoint { get; init; }

    /// <summary>Whether there is no network.</summary>
    public bool NetworkDisabled { get; init; }

    /// <summary>Hardware address.</summary>
    public string? MacAddress { get; init; }

    /// <summary>Instructions for builds upon this image.</summary>
    public IReadOnlyList<string>? OnBuild { get; init; }

    /// <summary>Labels.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Signal that asks the command to end.</summary>
    public string? StopSignal { get; init; }

    /// <summary>Seconds between that signal and a kill.</summary>
    public long? StopTimeout { get; init; }

    /// <summary>Shell of the shell form of instructions.</summary>
    public IReadOnlyList<string>? Shell { get; init; }

    /// <summary>What else the document has here.</summary>
    internal UnknownMembers Unknown { get; init; } = UnknownMembers.None;
}
