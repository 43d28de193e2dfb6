using Blobs.Errors;
using Blobs.Json.Internal;
using Blobs.Oci;
using Blobs.Oci.Internal;

namespace Blobs.Docker.Containers;

/// <summary><c>config.v2.json</c> as dockerd reads it into its struct (20.10, package container).</summary>
internal sealed record ContainerJson
{
    private static readonly GoShape Mount = GoShape.Struct(
        (GoShape.Text, ["Type", "Source", "Target", "Consistency"]),
        (GoShape.Flag, ["ReadOnly"]),
        (GoShape.Struct((GoShape.Text, ["Propagation"]), (GoShape.Flag, ["NonRecursive"])), ["BindOptions"]),
        (GoShape.Struct(
            (GoShape.Flag, ["NoCopy"]),
            (GoShape.TextMap, ["Labels"]),
            (GoShape.Struct((GoShape.Text, ["Name"]), (GoShape.TextMap, ["Options"])), ["DriverConfig"])), ["VolumeOptions"]),
        (GoShape.Struct((GoShape.Number, ["SizeBytes"]), (GoShape.Count32, ["Mode"])), ["TmpfsOptions"]));

    private static readonly GoShape Binding = GoShape.Struct((GoShape.Text, ["HostIp", "HostPort"]));

    // Of a container's own members those that are only shown, or not even that.
    private static readonly GoShape Rest = GoShape.Struct(
        (GoShape.Struct(), ["StreamConfig"]),
        (GoShape.Flag, ["Managed", "HasBeenStartedBefore", "HasBeenManuallyStopped", "NoNewPrivileges"]),
        (GoShape.Number, ["RestartCount"]),
        (GoShape.Text,
        [
            "LogPath", "OS", "MountLabel", "ProcessLabel", "AppArmorProfile", "HostnamePath", "HostsPath", "ShmPath", "ResolvConfPath",
            "SeccompProfile",
        ]),
        (GoShape.Struct((GoShape.Flag, ["HaveNotifyEnabled"])), ["LocalLogCacheMeta"]),
        (GoShape.Map(GoShape.Struct(
            (GoShape.Text, ["Source", "Destination", "Name", "Driver", "Type", "Relabel", "Propagation", "ID"]),
            (GoShape.Flag, ["RW", "SkipMountpointCreation"]),
            (Mount, ["Spec"]))), ["MountPoints"]),
        (GoShape.Struct(
            (GoShape.Text, ["Bridge", "SandboxID", "LinkLocalIPv6Address", "SandboxKey"]),
            (GoShape.Flag, ["HairpinMode", "IsAnonymousEndpoint", "HasSwarmEndpoint"]),
            (GoShape.Number, ["LinkLocalIPv6PrefixLen"]),
            (GoShape.List(GoShape.Struct((GoShape.Text, ["Addr"]), (GoShape.Number, ["PrefixLen"]))),
                ["SecondaryIPAddresses", "SecondaryIPv6Addresses"]),
            (GoShape.Map(GoShape.List(Binding)), ["Ports"]),
            (GoShape.Map(GoShape.Struct(
                (GoShape.Text,
                [
                    "NetworkID", "EndpointID", "Gateway", "IPAddress", "IPv6Gateway", "GlobalIPv6Address", "MacAddress",
                ]),
                (GoShape.Texts, ["Links", "Aliases"]),
                (GoShape.Number, ["IPPrefixLen", "GlobalIPv6PrefixLen"]),
                (GoShape.Flag, ["IPAMOperational"]),
                (GoShape.TextMap, ["DriverOpts"]),
                (GoShape.Struct((GoShape.Text, ["IPv4Address", "IPv6Address"]), (GoShape.Texts, ["LinkLocalIPs"])), ["IPAMConfig"]))),
                ["Networks"])), ["NetworkSettings"]));

    private static readonly GoShape HostConfig = GoShape.Struct(
        (GoShape.Text,
        [
            "ContainerIDFile", "NetworkMode", "VolumeDriver", "CgroupnsMode", "IpcMode", "Cgroup", "PidMode", "UTSMode", "UsernsMode",
            "Runtime", "Isolation", "CgroupParent", "CpusetCpus", "CpusetMems",
        ]),
        (GoShape.Texts,
        [
            "Binds", "VolumesFrom", "Dns", "DnsOptions", "DnsSearch", "ExtraHosts", "GroupAdd", "Links", "SecurityOpt", "DeviceCgroupRules",
            "MaskedPaths", "ReadonlyPaths",
        ]),
        (GoShape.Words, ["CapAdd", "CapDrop"]),
        (GoShape.Flag, ["AutoRemove", "Privileged", "PublishAllPorts", "ReadonlyRootfs", "OomKillDisable", "Init"]),
        (GoShape.Number,
        [
            "OomScoreAdj", "ShmSize", "CpuShares", "Memory", "NanoCpus", "CpuPeriod", "CpuQuota", "CpuRealtimePeriod", "CpuRealtimeRuntime",
            "KernelMemory", "KernelMemoryTCP", "MemoryReservation", "MemorySwap", "MemorySwappiness", "PidsLimit", "CpuCount", "CpuPercent",
        ]),
        (GoShape.Count16, ["BlkioWeight"]),
        (GoShape.Count, ["IOMaximumIOps", "IOMaximumBandwidth"]),
        (GoShape.TextMap, ["StorageOpt", "Tmpfs", "Sysctls"]),
        (GoShape.Struct((GoShape.Text, ["Type"]), (GoShape.TextMap, ["Config"])), ["LogConfig"]),
        (GoShape.Struct((GoShape.Text, ["Name"]), (GoShape.Number, ["MaximumRetryCount"])), ["RestartPolicy"]),
        (GoShape.Map(GoShape.List(Binding)), ["PortBindings"]),
        (GoShape.List(GoShape.Count), ["ConsoleSize"]),
        (GoShape.List(GoShape.Struct((GoShape.Text, ["Path"]), (GoShape.Count16, ["Weight"]))), ["BlkioWeightDevice"]),
        (GoShape.List(GoShape.Struct((GoShape.Text, ["Path"]), (GoShape.Count, ["Rate"]))),
            ["BlkioDeviceReadBps", "BlkioDeviceWriteBps", "BlkioDeviceReadIOps", "BlkioDeviceWriteIOps"]),
        (GoShape.List(GoShape.Struct((GoShape.Text, ["PathOnHost", "PathInContainer", "CgroupPermissions"]))), ["Devices"]),
        (GoShape.List(GoShape.Struct(
            (GoShape.Text, ["Driver"]),
            (GoShape.Number, ["Count"]),
            (GoShape.Texts, ["DeviceIDs"]),
            (GoShape.List(GoShape.Texts), ["Capabilities"]),
            (GoShape.TextMap, ["Options"]))), ["DeviceRequests"]),
        (GoShape.List(GoShape.Struct((GoShape.Text, ["Name"]), (GoShape.Number, ["Hard", "Soft"]))), ["Ulimits"]),
        (GoShape.List(Mount), ["Mounts"]));

    private static readonly GoShape Health = GoShape.Struct(
        (GoShape.Text, ["Status"]),
        (GoShape.Number, ["FailingStreak"]),
        (GoShape.List(GoShape.Struct(
            (GoShape.Time, ["Start", "End"]), (GoShape.Number, ["ExitCode"]), (GoShape.Text, ["Output"]))), ["Log"]));

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

    /// <summary>Reads one.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="what">What to call it in an error.</param>
    /// <exception cref="MalformedDataException">It is no JSON, or a member is of another type: the engine leaves such a container
    /// out.</exception>
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
        };
    }

    /// <summary>Holds a <c>hostconfig.json</c> against the engine's struct.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="what">What to call it in an error.</param>
    /// <exception cref="MalformedDataException">It is no JSON, or a member is of another type.</exception>
    public static void CheckHostConfig(ReadOnlyMemory<byte> bytes, string what)
    {
        using GoDocument document = GoDocument.ParseFirst(bytes, what, Fault.RootDocument);
        HostConfig.Check(document.Root);
    }

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
