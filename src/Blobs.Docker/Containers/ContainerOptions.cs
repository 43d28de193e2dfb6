namespace Blobs.Docker.Containers;

/// <summary>How a new container is to run. What is left out comes from the image.</summary>
public sealed record ContainerOptions
{
    /// <summary>Its name; made from its id when null.</summary>
    public string? Name { get; init; }

    /// <summary>Environment, <c>NAME=VALUE</c> each, in place of the image's of the same name.</summary>
    public IReadOnlyList<string> Env { get; init; } = [];

    /// <summary>Working directory, absolute.</summary>
    public string? WorkingDir { get; init; }

    /// <summary><c>USER[:GROUP]</c>, names or numbers.</summary>
    public string? User { get; init; }

    /// <summary>What is run. An empty string alone means nothing but the command; the image's when null.</summary>
    public IReadOnlyList<string>? Entrypoint { get; init; }

    /// <summary>Host name inside; the start of the id when null.</summary>
    public string? Hostname { get; init; }

    /// <summary>Labels, added to the image's.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>The command, or the entry point's arguments.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>The engine's network to join: <c>none</c>, <c>host</c>, <c>default</c>, or the name of one.</summary>
    public string Network { get; init; } = "default";
}
