using System.Text;
using System.Text.Json;
using Blobs.Docker.Containers;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Tests.Docker.Containers;

/// <summary>What dockerd 20.10.24 wrote for <c>docker create --name c1 --network none -e X=y --label l=v -w /d --hostname hh base:1 sh -c …</c>.</summary>
public sealed class ContainerWriterTests
{
    private const string Id = "91ce2be79bbd3f993f7aa43ff6233cf39e47801e220706bc391ee6c179e5cf8f";

    private const string Config =
        """{"StreamConfig":{},"State":{"Running":false,"Paused":false,"Restarting":false,"OOMKilled":false,"RemovalInProgress":false,""" +
        """
        "Dead":false,"Pid":0,"ExitCode":0,"Error":"","StartedAt":"0001-01-01T00:00:00Z","FinishedAt":"0001-01-01T00:00:00Z","Health":null},
        "ID":"91ce2be79bbd3f993f7aa43ff6233cf39e47801e220706bc391ee6c179e5cf8f","Created":"2026-11-25T06:12:34.267777332Z","Managed":false,
        "Path":"sh","Args":["-c","echo out; cat /etc/hosts; hostname"],"Config":{"Hostname":"hh","Domainname":"","User":"",
        "AttachStdin":false,"AttachStdout":true,"AttachStderr":true,"Tty":false,"OpenStdin":false,"StdinOnce":false,"Env":["X=y"],
        "Cmd":["sh","-c","echo out; cat /etc/hosts; hostname"],"Image":"base:1","Volumes":null,"WorkingDir":"/d","Entrypoint":null,
        "OnBuild":null,"Labels":{"l":"v"}},"Image":"sha256:8e76433f7fdbd79d38a29c19e5f75673ccf23769c1deeb69cbd7575159c18a42",
        "NetworkSettings":{"Bridge":"","SandboxID":"","HairpinMode":false,"LinkLocalIPv6Address":"","LinkLocalIPv6PrefixLen":0,
        "Networks":{"none":{"IPAMConfig":null,"Links":null,"Aliases":null,"NetworkID":"","EndpointID":"","Gateway":"","IPAddress":"",
        "IPPrefixLen":0,"IPv6Gateway":"","GlobalIPv6Address":"","GlobalIPv6PrefixLen":0,"MacAddress":"","DriverOpts":null,
        "IPAMOperational":false}},"Service":null,"Ports":null,"SandboxKey":"","SecondaryIPAddresses":null,"SecondaryIPv6Addresses":null,
        "IsAnonymousEndpoint":false,"HasSwarmEndpoint":false},"LogPath":"","Name":"/c1","Driver":"overlay2","OS":"linux","MountLabel":"",
        "ProcessLabel":"","RestartCount":0,"HasBeenStartedBefore":false,"HasBeenManuallyStopped":false,"MountPoints":{},
        "SecretReferences":null,"ConfigReferences":null,"AppArmorProfile":"","HostnamePath":"","HostsPath":"","ShmPath":"",
        "ResolvConfPath":"","SeccompProfile":"","NoNewPrivileges":false,"LocalLogCacheMeta":{"HaveNotifyEnabled":false}}
        """;

    private const string HostConfig =
        """{"Binds":null,"ContainerIDFile":"","LogConfig":{"Type":"json-file","Config":{}},"NetworkMode":"none","PortBindings":{},""" +
        """
        "RestartPolicy":{"Name":"no","MaximumRetryCount":0},"AutoRemove":false,"VolumeDriver":"","VolumesFrom":null,"CapAdd":null,
        "CapDrop":null,"CgroupnsMode":"host","Dns":[],"DnsOptions":[],"DnsSearch":[],"ExtraHosts":null,"GroupAdd":null,
        "IpcMode":"private","Cgroup":"","Links":null,"OomScoreAdj":0,"PidMode":"","Privileged":false,"PublishAllPorts":false,
        "ReadonlyRootfs":false,"SecurityOpt":null,"UTSMode":"","UsernsMode":"","ShmSize":67108864,"Runtime":"runc","ConsoleSize":[0,0],
        "Isolation":"","CpuShares":0,"Memory":0,"NanoCpus":0,"CgroupParent":"","BlkioWeight":0,"BlkioWeightDevice":[],
        "BlkioDeviceReadBps":null,"BlkioDeviceWriteBps":null,"BlkioDeviceReadIOps":null,"BlkioDeviceWriteIOps":null,"CpuPeriod":0,
        "CpuQuota":0,"CpuRealtimePeriod":0,"CpuRealtimeRuntime":0,"CpusetCpus":"","CpusetMems":"","Devices":[],
        "DeviceCgroupRules":null,"DeviceRequests":null,"KernelMemory":0,"KernelMemoryTCP":0,"MemoryReservation":0,"MemorySwap":0,
        "MemorySwappiness":null,"OomKillDisable":false,"PidsLimit":null,"Ulimits":null,"CpuCount":0,"CpuPercent":0,
        "IOMaximumIOps":0,"IOMaximumBandwidth":0,"MaskedPaths":["/proc/asound","/proc/acpi","/proc/kcore","/proc/keys",
        "/proc/latency_stats","/proc/timer_list","/proc/timer_stats","/proc/sched_debug","/proc/scsi","/sys/firmware"],
        "ReadonlyPaths":["/proc/bus","/proc/fs","/proc/irq","/proc/sys","/proc/sysrq-trigger"]}
        """;

    [Fact]
    public void Both_files_are_the_engines_byte_for_byte()
    {
        var image = new RunConfig();
        var options = new ContainerOptions
        {
            Env = ["X=y"],
            Labels = new Dictionary<string, string> { ["l"] = "v" },
            WorkingDir = "/d/",
            Hostname = "hh",
            Command = ["sh", "-c", "echo out; cat /etc/hosts; hostname"],
            Network = "none",
        };
        var container = new Container
        {
            Id = Id,
            Name = "c1",
            Created = "2026-11-25T06:12:34.267777332Z",
            Path = "sh",
            Arguments = ["-c", "echo out; cat /etc/hosts; hostname"],
            Config = ContainerConfig.Merge(options, image, "base:1", Id),
            ImageId = Digest.Parse("sha256:8e76433f7fdbd79d38a29c19e5f75673ccf23769c1deeb69cbd7575159c18a42"),
            Driver = "overlay2",
            State = new ContainerState(),
        };
        Assert.Equal(Joined(Config), Encoding.UTF8.GetString(ContainerWriter.Config(container, "none", [])));
        Assert.Equal(Joined(HostConfig), Encoding.UTF8.GetString(ContainerWriter.HostConfig("none", hasUnifiedCgroups: false)));
    }

    [Fact]
    public void What_is_written_is_JSON_in_any_case()
    {
        using JsonDocument document = JsonDocument.Parse(ContainerWriter.HostConfig("a\"b", hasUnifiedCgroups: true));
        Assert.Equal("private", document.RootElement.GetProperty("CgroupnsMode").GetString());
        Assert.Equal("a\"b", document.RootElement.GetProperty("NetworkMode").GetString());
    }

    private static string Joined(string text) => text.Replace("\n", "", StringComparison.Ordinal);

    [Fact]
    public void A_volume_is_written_as_the_engine_writes_one()
    {
        // dockerd 20.10.24, docker create of an image with VOLUME /etc/data.
        const string Written = """
            "MountPoints":{"/etc/data":{"Source":"","Destination":"/etc/data","RW":true,"Name":"de88a2d468c8f741e21e71e999b1c393f0c809989069ac42fd7825cbcf36445e","Driver":"local","Type":"volume","Spec":{},"SkipMountpointCreation":false}},
            """;
        var volume = new Volume("de88a2d468c8f741e21e71e999b1c393f0c809989069ac42fd7825cbcf36445e", "/etc/data");
        Assert.Contains(Written, Encoding.UTF8.GetString(ContainerWriter.Config(Plain(), "none", [volume])), StringComparison.Ordinal);
    }

    private static Container Plain() => new()
    {
        Id = Id,
        Name = "c1",
        Created = "2026-11-25T06:12:34.267777332Z",
        Path = "sh",
        Arguments = [],
        Config = new RunConfig(),
        ImageId = Digest.Parse("sha256:8e76433f7fdbd79d38a29c19e5f75673ccf23769c1deeb69cbd7575159c18a42"),
        Driver = "overlay2",
        State = new ContainerState(),
    };
}
