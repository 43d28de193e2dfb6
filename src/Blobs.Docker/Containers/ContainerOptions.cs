namespace Blobs.Docker.Containers;

/// <summary>Options of a new container. What is not set comes from the image.</summary>
public sealed record ContainerOptions
{
    /// <summary>Its name; derived from its id when null.</summary>
    public string? Name { get; init; }

    /// <summary>Environment variables, <c>NAME=VALUE</c>, which override the image's.</summary>
    public IReadOnlyList<string> Env { get; init; } = [];

    /// <summary>Working directory, absolute.</summary>
    public string? WorkingDir { get; init; }

    /// <summary><c>USER[:GROUP]</c>, names or numbers.</summary>
    public string? User { get; init; }

    /// <summary>The entry point; the image's when null. A single empty string removes it.</summary>
    public IReadOnlyList<string>? Entrypoint { get; init; }

    /// <summary>Its host name; the start of the id when null.</summary>
    public string? Hostname { get; init; }

    /// <summary>Labels, added to the image's.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>The command, or the entry point's arguments.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>The Docker network to join: <c>none</c>, <c>host</c>, <c>default</c>, or the name of one.</summary>
    public string Network { get; init; } = "default";
}
