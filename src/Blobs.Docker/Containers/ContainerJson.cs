using Blobs.Errors;
using Blobs.Json.Internal;
using Blobs.Oci;
using Blobs.Oci.Internal;

namespace Blobs.Docker.Containers;

/// <summary><c>config.v2.json</c> parsed as dockerd does (20.10, package container).</summary>
internal sealed record ContainerJson
{
    private static readonly GoType Mount = GoType.Struct(
        (GoType.Text, ["Type", "Source", "Target", "Consistency"]),
        (GoType.Flag, ["ReadOnly"]),
        (GoType.Struct((GoType.Text, ["Propagation"]), (GoType.Flag, ["NonRecursive"])), ["BindOptions"]),
        (GoType.Struct(
            (GoType.Flag, ["NoCopy"]),
            (GoType.TextMap, ["Labels"]),
            (GoType.Struct((GoType.Text, ["Name"]), (GoType.TextMap, ["Options"])), ["DriverConfig"])), ["VolumeOptions"]),
        (GoType.Struct((GoType.Number, ["SizeBytes"]), (GoType.Count32, ["Mode"])), ["TmpfsOptions"]));

    private static readonly GoType Binding = GoType.Struct((GoType.Text, ["HostIp", "HostPort"]));

    // Members that are only displayed, or not used at all; their types must match.
    private static readonly GoType Rest = GoType.Struct(
        (GoType.Struct(), ["StreamConfig"]),
        (GoType.Flag, ["Managed", "HasBeenStartedBefore", "HasBeenManuallyStopped", "NoNewPrivileges"]),
        (GoType.Number, ["RestartCount"]),
        (GoType.Text,
        [
            "LogPath", "OS", "MountLabel", "ProcessLabel", "AppArmorProfile", "HostnamePath", "HostsPath", "ShmPath", "ResolvConfPath",
            "SeccompProfile",
        ]),
        (GoType.Struct((GoType.Flag, ["HaveNotifyEnabled"])), ["LocalLogCacheMeta"]),
        (GoType.Map(GoType.Struct(
            (GoType.Text, ["Source", "Destination", "Name", "Driver", "Type", "Relabel", "Propagation", "ID"]),
            (GoType.Flag, ["RW", "SkipMountpointCreation"]),
            (Mount, ["Spec"]))), ["MountPoints"]),
        (GoType.Struct(
            (GoType.Text, ["Bridge", "SandboxID", "LinkLocalIPv6Address", "SandboxKey"]),
            (GoType.Flag, ["HairpinMode", "IsAnonymousEndpoint", "HasSwarmEndpoint"]),
            (GoType.Number, ["LinkLocalIPv6PrefixLen"]),
            (GoType.List(GoType.Struct((GoType.Text, ["Addr"]), (GoType.Number, ["PrefixLen"]))),
                ["SecondaryIPAddresses", "SecondaryIPv6Addresses"]),
            (GoType.Map(GoType.List(Binding)), ["Ports"]),
            (GoType.Map(GoType.Struct(
                (GoType.Text,
                [
                    "NetworkID", "EndpointID", "Gateway", "IPAddress", "IPv6Gateway", "GlobalIPv6Address", "MacAddress",
                ]),
                (GoType.Texts, ["Links", "Aliases"]),
                (GoType.Number, ["IPPrefixLen", "GlobalIPv6PrefixLen"]),
                (GoType.Flag, ["IPAMOperational"]),
                (GoType.TextMap, ["DriverOpts"]),
                (GoType.Struct((GoType.Text, ["IPv4Address", "IPv6Address"]), (GoType.Texts, ["LinkLocalIPs"])), ["IPAMConfig"]))),
                ["Networks"])), ["NetworkSettings"]));

    private static readonly GoType HostConfig = GoType.Struct(
        (GoType.Text,
        [
            "ContainerIDFile", "NetworkMode", "VolumeDriver", "CgroupnsMode", "IpcMode", "Cgroup", "PidMode", "UTSMode", "UsernsMode",
            "Runtime", "Isolation", "CgroupParent", "CpusetCpus", "CpusetMems",
        ]),
        (GoType.Texts,
        [
            "Binds", "VolumesFrom", "Dns", "DnsOptions", "DnsSearch", "ExtraHosts", "GroupAdd", "Links", "SecurityOpt", "DeviceCgroupRules",
            "MaskedPaths", "ReadonlyPaths",
        ]),
        (GoType.Words, ["CapAdd", "CapDrop"]),
        (GoType.Flag, ["AutoRemove", "Privileged", "PublishAllPorts", "ReadonlyRootfs", "OomKillDisable", "Init"]),
        (GoType.Number,
        [
            "OomScoreAdj", "ShmSize", "CpuShares", "Memory", "NanoCpus", "CpuPeriod", "CpuQuota", "CpuRealtimePeriod", "CpuRealtimeRuntime",
            "KernelMemory", "KernelMemoryTCP", "MemoryReservation", "MemorySwap", "MemorySwappiness", "PidsLimit", "CpuCount", "CpuPercent",
        ]),
        (GoType.Count16, ["BlkioWeight"]),
        (GoType.Count, ["IOMaximumIOps", "IOMaximumBandwidth"]),
        (GoType.TextMap, ["StorageOpt", "Tmpfs", "Sysctls"]),
        (GoType.Struct((GoType.Text, ["Type"]), (GoType.TextMap, ["Config"])), ["LogConfig"]),
        (GoType.Struct((GoType.Text, ["Name"]), (GoType.Number, ["MaximumRetryCount"])), ["RestartPolicy"]),
        (GoType.Map(GoType.List(Binding)), ["PortBindings"]),
        (GoType.List(GoType.Count), ["ConsoleSize"]),
        (GoType.List(GoType.Struct((GoType.Text, ["Path"]), (GoType.Count16, ["Weight"]))), ["BlkioWeightDevice"]),
        (GoType.List(GoType.Struct((GoType.Text, ["Path"]), (GoType.Count, ["Rate"]))),
            ["BlkioDeviceReadBps", "BlkioDeviceWriteBps", "BlkioDeviceReadIOps", "BlkioDeviceWriteIOps"]),
        (GoType.List(GoType.Struct((GoType.Text, ["PathOnHost", "PathInContainer", "CgroupPermissions"]))), ["Devices"]),
        (GoType.List(GoType.Struct(
            (GoType.Text, ["Driver"]),
            (GoType.Number, ["Count"]),
            (GoType.Texts, ["DeviceIDs"]),
            (GoType.List(GoType.Texts), ["Capabilities"]),
            (GoType.TextMap, ["Options"]))), ["DeviceRequests"]),
        (GoType.List(GoType.Struct((GoType.Text, ["Name"]), (GoType.Number, ["Hard", "Soft"]))), ["Ulimits"]),
        (GoType.List(Mount), ["Mounts"]));

    private static readonly GoType Health = GoType.Struct(
        (GoType.Text, ["Status"]),
        (GoType.Number, ["FailingStreak"]),
        (GoType.List(GoType.Struct(
            (GoType.Time, ["Start", "End"]), (GoType.Number, ["ExitCode"]), (GoType.Text, ["Output"]))), ["Log"]));

    public string? Id { get; init; }

    public string? Name { get; init; }

    public string? Created { get; init; }

    public string? Path { get; init; }

    public IReadOnlyList<string>? Args { get; init; }

    public RunConfig? Config { get; init; }

    public string? Image { get; init; }

    public string? Driver { get; init; }

    public ContainerState? State { get; init; }

    public IReadOnlyList<ImageMount> ImageMounts { get; init; } = [];

    public IReadOnlyList<string> VolumeNames { get; init; } = [];

    /// <summary>Parses the file.</summary>
    /// <param name="bytes">Content of the file.</param>
    /// <param name="what">Its name in errors.</param>
    /// <exception cref="MalformedDataException">It is not JSON, or a member has another type; dockerd ignores such a
    /// container.</exception>
    public static ContainerJson Read(ReadOnlyMemory<byte> bytes, string what)
    {
        using GoDocument document = GoDocument.ParseFirst(bytes, what, Fault.RootDocument);
        GoObject json = document.Root.Object();
        Rest.Check(document.Root);
        return new ContainerJson
        {
            Id = json["ID"].Text(),
            Name = json["Name"].Text(),
            Created = json["Created"].Time(),
            Path = json["Path"].Text(),
            Args = json["Args"].Texts(),
            Config = json["Config"].ObjectIfAny() is { } config ? RunConfigJson.Read(config) : null,
            Image = json["Image"].Text(),
            Driver = json["Driver"].Text(),
            State = StateOf(json["State"].Object()),
            ImageMounts = ImageMount.Of(json["MountPoints"]),
            VolumeNames = VolumesOf(json["MountPoints"]),
        };
    }

    /// <summary>Checks that dockerd can read a <c>hostconfig.json</c>.</summary>
    /// <param name="bytes">Content of the file.</param>
    /// <param name="what">Its name in errors.</param>
    /// <exception cref="MalformedDataException">It is not JSON, or a member has another type.</exception>
    public static void CheckHostConfig(ReadOnlyMemory<byte> bytes, string what)
    {
        using GoDocument document = GoDocument.ParseFirst(bytes, what, Fault.RootDocument);
        HostConfig.Check(document.Root);
    }

    private static string[] VolumesOf(GoValue mountPoints) =>
    [
        .. mountPoints.Map(point => point.Object() is var mount && mount["Type"].Text() == "volume" ? mount["Name"].Text() : null)?
            .Values.OfType<string>() ?? [],
    ];

    private static ContainerState StateOf(GoObject json)
    {
        _ = json["OOMKilled"].Flag();
        _ = json["Pid"].Number();
        _ = json["Error"].Text();
        Health.Check(json["Health"]);
        return new ContainerState
        {
            Running = json["Running"].Flag(),
            Paused = json["Paused"].Flag(),
            Restarting = json["Restarting"].Flag(),
            RemovalInProgress = json["RemovalInProgress"].Flag(),
            Dead = json["Dead"].Flag(),
            ExitCode = json["ExitCode"].Number(),
            StartedAt = json["StartedAt"].Time() ?? GoTime.Zero,
            FinishedAt = json["FinishedAt"].Time() ?? GoTime.Zero,
        };
    }
}
