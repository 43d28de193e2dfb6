namespace Blobs.Containers;

/// <summary>
/// Where everything about containers stands, but for their layers; no other file builds these paths.
/// <code>
/// ROOT/
///   containers/                 0710
///     ID/                       0710
///       config.v2.json          0600, what it runs and what has become of it
///       hostconfig.json         what it gets of the machine
///       checkpoints/            0700
///       hostname                what a start adds, and these below
///       hosts
///       resolv.conf
///       resolv.conf.hash
///       ID-json.log             0640, what it printed
///       mounts/                 0710
///   volumes/                    0701
///     NAME/_data/               0701 and 0755, or as the image has that path
///   tmp/                        0700
///     .tmp-ID/                  a container that is being made or removed
/// </code>
/// </summary>
internal sealed class ContainerPaths(string root)
{
    public const string TemporaryPrefix = ".tmp-";

    public string Containers => Path.Combine(root, "containers");

    public string AllTemporary => Path.Combine(root, "tmp");

    public string Container(string id) => Path.Combine(Containers, id);

    public string Temporary(string id) => Path.Combine(AllTemporary, TemporaryPrefix + id);

    public string Volumes => Path.Combine(root, "volumes");

    public string Volume(string name) => Path.Combine(Volumes, name);

    public string VolumeData(string name) => Path.Combine(Volume(name), "_data");

    public string LogFile(string id) => Path.Combine(Container(id), $"{id}-json.log");

    public static string ConfigFile(string container) => Path.Combine(container, "config.v2.json");

    public static string HostConfigFile(string container) => Path.Combine(container, "hostconfig.json");

    public static string Checkpoints(string container) => Path.Combine(container, "checkpoints");

    public static string HostnameFile(string container) => Path.Combine(container, "hostname");

    public static string HostsFile(string container) => Path.Combine(container, "hosts");

    public static string ResolverFile(string container) => Path.Combine(container, "resolv.conf");

    public static string ResolverHashFile(string container) => Path.Combine(container, "resolv.conf.hash");

    public static string Mounts(string container) => Path.Combine(container, "mounts");
}
