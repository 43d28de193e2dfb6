namespace Blobs.Tests.Hostile;

/// <summary>
/// Every member of every document that is read, and its type in the Go struct of who else reads it: dockerd 20.10 for what an engine keeps
/// and loads, distribution and image-spec for manifests, docker's command for logins. Each cell was held against these structs.
/// </summary>
internal static class DocumentTable
{
    /// <summary>A row for each member: document, path, Go's type.</summary>
    public static IEnumerable<(string Document, string Member, string Type)> Rows => Text.Split('\n')
        .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
        .SelectMany(cells => cells[1].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(member => (cells[0], member, cells[2])));

    /// <summary>Values that Go takes for a type, besides none and <c>null</c>.</summary>
    public static string[] Taken(string type) => type switch
    {
        "string" => ["\"\"", "\"x\"", "\"\\ud800\""],
        "bool" => ["true", "false"],
        "int" => ["0", "-1", "-0", "9223372036854775807"],
        "size" => ["0", "9223372036854775807"],
        "uint16" => ["0", "65535"],
        "uint64" => ["0", "18446744073709551615"],
        "number" => ["0", "1.5", "300"],
        "time" => ["\"2020-01-02T03:04:05.678901234567Z\"", "\"0000-02-29T1:00:00,5+23:59\""],
        "[]string" => ["[]", "[\"a\",null]"],
        "strslice" => ["[]", "[\"a\",null]", "\"x\""],
        "set" => ["{}", "{\"a\":{}}", "{\"a\":null}", "{\"a\":{\"b\":1}}"],
        "map[string]string" => ["{}", "{\"a\":null}", "{\"a\":\"b\"}"],
        "struct" => ["{}"],
        "[]struct" => ["[]", "[null]", "[{}]"],
        "map[string]struct" => ["{}", "{\"a\":null}", "{\"a\":{}}"],
        "map[string]map[string]string" => ["{}", "{\"a\":null}", "{\"a\":{\"b\":null}}"],
        "version" => ["\"\"", "\"1.0.0\"", "\"1.1.0\""],
        "digest" => [$"\"sha256:{new string('a', 64)}\""],
        _ => throw new ArgumentException(type),
    };

    /// <summary>Values that Go refuses for a type.</summary>
    public static string[] Refused(string type) => type switch
    {
        "string" => ["1", "true", "[]", "{}"],
        "bool" => ["\"true\"", "1", "[]", "{}"],
        "int" => ["\"1\"", "1.5", "1.0", "1e2", "9223372036854775808", "true", "[]", "{}"],
        "uint16" => ["-1", "65536", "\"1\""],
        "uint64" => ["-1", "18446744073709551616", "\"1\""],
        "number" => ["\"1\"", "1e400", "true", "[]"],
        "time" =>
        [
            "\"\"", "\"yesterday\"", "\"2020-02-30T00:00:00Z\"", "\"2020-01-02 03:04:05Z\"", "\"2020-01-02T03:04:05\\u005a\"", "1", "{}",
        ],
        "[]string" => ["\"x\"", "1", "{}", "[1]", "[[]]"],
        "strslice" => ["1", "{}", "[1]", "[{}]"],
        "set" => ["\"x\"", "[]", "{\"a\":1}", "{\"a\":\"b\"}", "{\"a\":[]}"],
        "map[string]string" => ["\"x\"", "[]", "{\"a\":1}", "{\"a\":{}}"],
        "struct" => ["\"x\"", "1", "[]", "true"],
        "[]struct" => ["\"x\"", "{}", "[1]", "[[]]"],
        "map[string]struct" => ["\"x\"", "[]", "{\"a\":1}"],
        "map[string]map[string]string" => ["\"x\"", "[]", "{\"a\":1}", "{\"a\":{\"b\":1}}"],

        "version" => ["1", "\"2.0.0\"", "{}"],

        // A number to Go, and then nothing has that length.
        "size" => ["-1", .. Refused("int")],

        // A string to Go; nothing with such a digest is ever found, so it is refused where it is read.
        "digest" => ["null", "1", "\"\"", "\"x\"", "\"sha256:AA\""],
        _ => throw new ArgumentException(type),
    };

    private const string Text =
        """
        config | id parent comment container docker_version author architecture variant os os.version | string
        config | created history/0/created | time
        config | Size | int
        config | os.features | []string
        config | history | []struct
        config | history/0/author history/0/created_by history/0/comment | string
        config | history/0/empty_layer | bool
        config | config container_config | struct
        config | config/Hostname config/Domainname config/User config/Image config/MacAddress config/StopSignal | string
        config | config/AttachStdin config/AttachStdout config/AttachStderr config/Tty config/OpenStdin config/StdinOnce | bool
        config | config/ArgsEscaped config/NetworkDisabled | bool
        config | config/ExposedPorts | set
        config | config/Env config/OnBuild | []string
        config | config/Cmd config/Entrypoint config/Shell | strslice
        config | config/Healthcheck | struct
        config | config/Healthcheck/Test | []string
        config | config/Healthcheck/Interval config/Healthcheck/Timeout config/Healthcheck/StartPeriod config/Healthcheck/Retries | int
        config | config/Labels | map[string]string
        config | config/StopTimeout | int
        config | container_config/Cmd | strslice
        config | container_config/Tty | bool
        config | container_config/Labels | map[string]string
        config | rootfs/type | string
        config | rootfs/diff_ids/0 | digest
        manifest | config/mediaType layers/0/mediaType artifactType | string
        manifest | config/size layers/0/size subject/size | size
        manifest | config/digest layers/0/digest subject/digest | digest
        manifest | layers/0/urls | []string
        manifest | annotations config/annotations layers/0/annotations subject/annotations | map[string]string
        manifest | layers/0/platform | struct
        index | manifests/0/mediaType manifests/0/artifactType artifactType | string
        index | manifests/0/size | size
        index | manifests/0/digest | digest
        index | manifests/0/urls manifests/0/platform/os.features | []string
        index | annotations manifests/0/annotations | map[string]string
        index | manifests/0/platform | struct
        index | manifests/0/platform/os manifests/0/platform/architecture manifests/0/platform/variant | string
        index | manifests/0/platform/os.version | string
        archive | 0/Config 0/Parent | string
        archive | 0/RepoTags 0/Layers | []string
        archive | 0/LayerSources | map[string]struct
        oci-layout | imageLayoutVersion | version
        repositories | Repositories | map[string]map[string]string
        sources | 0/Digest 0/SourceRepository 0/HMAC | string
        container | Managed HasBeenStartedBefore HasBeenManuallyStopped NoNewPrivileges State/Running State/Paused State/Restarting | bool
        container | State/OOMKilled State/RemovalInProgress State/Dead | bool
        container | RestartCount State/Pid State/ExitCode State/Health/FailingStreak | int
        container | Path LogPath Name OS MountLabel ProcessLabel AppArmorProfile HostnamePath HostsPath ShmPath ResolvConfPath | string
        container | SeccompProfile Image State/Error State/Health/Status | string
        container | Created State/StartedAt State/FinishedAt State/Health/Log/0/Start | time
        container | Args | []string
        container | StreamConfig State State/Health Config NetworkSettings LocalLogCacheMeta | struct
        container | State/Health/Log | []struct
        container | MountPoints NetworkSettings/Networks | map[string]struct
        container | Config/Tty | bool
        container | Config/Cmd | strslice
        container | Config/Labels | map[string]string
        container | Config/Volumes | set
        container | NetworkSettings/Networks/n/IPAddress | string
        container | NetworkSettings/Networks/n/Aliases | []string
        container | NetworkSettings/Networks/n/IPPrefixLen | int
        hostconfig | NetworkMode IpcMode Runtime CgroupnsMode ContainerIDFile LogConfig/Type RestartPolicy/Name | string
        hostconfig | Binds Dns ExtraHosts MaskedPaths | []string
        hostconfig | CapAdd CapDrop | strslice
        hostconfig | AutoRemove Privileged OomKillDisable Init | bool
        hostconfig | Memory ShmSize PidsLimit MemorySwappiness OomScoreAdj RestartPolicy/MaximumRetryCount | int
        hostconfig | BlkioWeight | uint16
        hostconfig | IOMaximumBandwidth | uint64
        hostconfig | Tmpfs Sysctls LogConfig/Config | map[string]string
        hostconfig | Ulimits Mounts Devices | []struct
        logins | auths | map[string]struct
        logins | credsStore auths/h/auth auths/h/username auths/h/password auths/h/identitytoken auths/h/registrytoken | string
        logins | credHelpers | map[string]string
        helper | Username Secret | string
        token | token access_token | string
        token | expires_in | number
        errors | errors | []struct
        errors | errors/0/code errors/0/message | string
        list | tags repositories | []string
        """;
}
