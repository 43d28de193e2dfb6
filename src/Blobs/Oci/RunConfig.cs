using System.Text.Json;
using Blobs.Json;

namespace Blobs.Oci;

/// <summary>
/// How a container runs: <c>config</c> of an image's config, and of a container's own file (OCI image-spec config.md;
/// dockerd 20.10's container.Config). Null means absent.
/// </summary>
public sealed partial record RunConfig
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

    /// <summary>Ports that are listened on, as <c>PORT[/PROTOCOL]</c>.</summary>
    public IReadOnlyDictionary<string, JsonElement>? ExposedPorts { get; init; }

    /// <summary>Whether standard streams are a terminal.</summary>
    public bool Tty { get; init; }

    /// <summary>Whether standard input stays open.</summary>
    public bool OpenStdin { get; init; }

    /// <summary>Whether standard input closes with its first client.</summary>
    public bool StdinOnce { get; init; }

    /// <summary>Environment, <c>NAME=VALUE</c> each.</summary>
    public IReadOnlyList<string>? Env { get; init; }

    /// <summary>The command, or the arguments of the entrypoint.</summary>
    public IReadOnlyList<string>? Cmd { get; init; }

    /// <summary>The health check, as JSON of the document.</summary>
    public JsonElement? Healthcheck { get; init; }

    /// <summary>Whether the arguments are already escaped; Windows only.</summary>
    public bool ArgsEscaped { get; init; }

    /// <summary>The image's name.</summary>
    public string? Image { get; init; }

    /// <summary>Paths of volumes.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Volumes { get; init; }

    /// <summary>Working directory.</summary>
    public string? WorkingDir { get; init; }

    /// <summary>The entrypoint.</summary>
    public IReadOnlyList<string>? Entrypoint { get; init; }

    /// <summary>Whether the network is disabled.</summary>
    public bool NetworkDisabled { get; init; }

    /// <summary>MAC address.</summary>
    public string? MacAddress { get; init; }

    /// <summary>Instructions for builds on top of this image.</summary>
    public IReadOnlyList<string>? OnBuild { get; init; }

    /// <summary>Labels.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Signal that stops the container.</summary>
    public string? StopSignal { get; init; }

    /// <summary>Seconds from that signal to SIGKILL.</summary>
    public long? StopTimeout { get; init; }

    /// <summary>Shell for the shell form of instructions.</summary>
    public IReadOnlyList<string>? Shell { get; init; }

    /// <summary>Members that dockerd does not know.</summary>
    public UnknownMembers Unknown { get; init; } = UnknownMembers.None;
}
