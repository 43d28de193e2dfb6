using Blobs.Json.Internal;
using Blobs.Oci.Internal;

namespace Blobs.Docker.Containers;

/// <summary>
/// Writes the two files of a container that was created and never started, with the members in dockerd 20.10's order:
/// dockerd itself reads them in any order, but other programs may not.
/// </summary>
internal static class ContainerWriter
{
    private const string NoTime = GoTime.Zero;

    /// <summary><c>config.v2.json</c>.</summary>
    public static byte[] Config(Container container, string network, IReadOnlyList<Volume> volumes)
    {
        var json = new GoJsonWriter();
        json.BeginObject();
        Raw(json, "StreamConfig", "{}");
        json.Name("State");
        WriteState(json);
        Text(json, "ID", container.Id);
        Text(json, "Created", container.Created);
        Raw(json, "Managed", "false");
        Text(json, "Path", container.Path);
        json.Name("Args");
        json.Strings(container.Arguments);
        json.Name("Config");
        RunConfigWriter.Write(json, container.Config);
        Text(json, "Image", $"{container.ImageId}");
        json.Name("NetworkSettings");
        WriteNetwork(json, network);
        Text(json, "LogPath", "");
        Text(json, "Name", $"/{container.Name}");
        Text(json, "Driver", container.Driver);
        Text(json, "OS", "linux");
        Text(json, "MountLabel", "");
        Text(json, "ProcessLabel", "");
        Raw(json, "RestartCount", "0");
        Raw(json, "HasBeenStartedBefore", "false");
        Raw(json, "HasBeenManuallyStopped", "false");
        json.Name("MountPoints");
        WriteMountPoints(json, volumes);
        Raw(json, "SecretReferences", "null");
        Raw(json, "ConfigReferences", "null");
        foreach (string name in (string[])["AppArmorProfile", "HostnamePath", "HostsPath", "ShmPath", "ResolvConfPath", "SeccompProfile"])
        {
            Text(json, name, "");
        }

        Raw(json, "NoNewPrivileges", "false");
        Raw(json, "LocalLogCacheMeta", """{"HaveNotifyEnabled":false}""");
        json.EndObject();
        return json.ToArray();
    }

    /// <summary><c>hostconfig.json</c>: as of <c>docker create</c> with no option but the network.</summary>
    public static byte[] HostConfig(string network, bool hasUnifiedCgroups)
    {
        var json = new GoJsonWriter();
        json.BeginObject();
        Each(json, "null", "Binds");
        Text(json, "ContainerIDFile", "");
        Raw(json, "LogConfig", """{"Type":"json-file","Config":{}}""");
        Text(json, "NetworkMode", network);
        Raw(json, "PortBindings", "{}");
        Raw(json, "RestartPolicy", """{"Name":"no","MaximumRetryCount":0}""");
        Raw(json, "AutoRemove", "false");
        Text(json, "VolumeDriver", "");
        Each(json, "null", "VolumesFrom", "CapAdd", "CapDrop");

        // With unified cgroups each container has its own cgroup namespace; otherwise all share the machine's.
        Text(json, "CgroupnsMode", hasUnifiedCgroups ? "private" : "host");
        Each(json, "[]", "Dns", "DnsOptions", "DnsSearch");
        Each(json, "null", "ExtraHosts", "GroupAdd");
        Text(json, "IpcMode", "private");
        Text(json, "Cgroup", "");
        Each(json, "null", "Links");
        Raw(json, "OomScoreAdj", "0");
        Text(json, "PidMode", "");
        Each(json, "false", "Privileged", "PublishAllPorts", "ReadonlyRootfs");
        Each(json, "null", "SecurityOpt");
        Each(json, "\"\"", "UTSMode", "UsernsMode");
        Raw(json, "ShmSize", "67108864");
        Text(json, "Runtime", "runc");
        Raw(json, "ConsoleSize", "[0,0]");
        Text(json, "Isolation", "");
        Each(json, "0", "CpuShares", "Memory", "NanoCpus");
        Text(json, "CgroupParent", "");
        Raw(json, "BlkioWeight", "0");
        Raw(json, "BlkioWeightDevice", "[]");
        Each(json, "null", "BlkioDeviceReadBps", "BlkioDeviceWriteBps", "BlkioDeviceReadIOps", "BlkioDeviceWriteIOps");
        Each(json, "0", "CpuPeriod", "CpuQuota", "CpuRealtimePeriod", "CpuRealtimeRuntime");
        Each(json, "\"\"", "CpusetCpus", "CpusetMems");
        Raw(json, "Devices", "[]");
        Each(json, "null", "DeviceCgroupRules", "DeviceRequests");
        Each(json, "0", "KernelMemory", "KernelMemoryTCP", "MemoryReservation", "MemorySwap");
        Each(json, "null", "MemorySwappiness");
        Raw(json, "OomKillDisable", "false");
        Each(json, "null", "PidsLimit", "Ulimits");
        Each(json, "0", "CpuCount", "CpuPercent", "IOMaximumIOps", "IOMaximumBandwidth");
        json.Name("MaskedPaths");
        json.Strings(
        [
            "/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats",
            "/proc/sched_debug", "/proc/scsi", "/sys/firmware",
        ]);
        json.Name("ReadonlyPaths");
        json.Strings(["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]);
        json.EndObject();
        return json.ToArray();
    }

    private static void WriteState(GoJsonWriter json)
    {
        json.BeginObject();
        Each(json, "false", "Running", "Paused", "Restarting", "OOMKilled", "RemovalInProgress", "Dead");
        Each(json, "0", "Pid", "ExitCode");
        Text(json, "Error", "");
        Text(json, "StartedAt", NoTime);
        Text(json, "FinishedAt", NoTime);
        Raw(json, "Health", "null");
        json.EndObject();
    }

    private static void WriteNetwork(GoJsonWriter json, string network)
    {
        json.BeginObject();
        Each(json, "\"\"", "Bridge", "SandboxID");
        Raw(json, "HairpinMode", "false");
        Text(json, "LinkLocalIPv6Address", "");
        Raw(json, "LinkLocalIPv6PrefixLen", "0");
        json.Name("Networks");
        json.BeginObject();
        json.Name(network == "default" ? "bridge" : network);
        json.BeginObject();
        Each(json, "null", "IPAMConfig", "Links", "Aliases");
        Each(json, "\"\"", "NetworkID", "EndpointID", "Gateway", "IPAddress");
        Raw(json, "IPPrefixLen", "0");
        Each(json, "\"\"", "IPv6Gateway", "GlobalIPv6Address");
        Raw(json, "GlobalIPv6PrefixLen", "0");
        Text(json, "MacAddress", "");
        Raw(json, "DriverOpts", "null");
        Raw(json, "IPAMOperational", "false");
        json.EndObject();
        json.EndObject();
        Each(json, "null", "Service", "Ports");
        Text(json, "SandboxKey", "");
        Each(json, "null", "SecondaryIPAddresses", "SecondaryIPv6Addresses");
        Each(json, "false", "IsAnonymousEndpoint", "HasSwarmEndpoint");
        json.EndObject();
    }

    private static void WriteMountPoints(GoJsonWriter json, IReadOnlyList<Volume> volumes)
    {
        json.BeginObject();
        foreach (Volume volume in volumes.OrderBy(volume => volume.Destination, GoOrder.Instance))
        {
            json.Name(volume.Destination);
            json.BeginObject();
            Text(json, "Source", "");
            Text(json, "Destination", volume.Destination);
            Raw(json, "RW", "true");
            Text(json, "Name", volume.Name);
            Text(json, "Driver", "local");
            Text(json, "Type", "volume");
            Raw(json, "Spec", "{}");
            Raw(json, "SkipMountpointCreation", "false");
            json.EndObject();
        }

        json.EndObject();
    }

    private static void Text(GoJsonWriter json, string name, string value)
    {
        json.Name(name);
        json.String(value);
    }

    private static void Raw(GoJsonWriter json, string name, string value)
    {
        json.Name(name);
        json.Raw(System.Text.Encoding.ASCII.GetBytes(value));
    }

    private static void Each(GoJsonWriter json, string value, params string[] names)
    {
        foreach (string name in names)
        {
            Raw(json, name, value);
        }
    }
}
