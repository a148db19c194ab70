namespace Chat.Benchmarks.Servers;

/// <summary>The same rooms as Nchan has them, a module of nginx: a channel per room, Redis between the servers, the newest messages kept.</summary>
internal static class NchanServer
{
    public const string ReadyPath = "/ready";

    private const string Module = "/usr/lib/nginx/modules/ngx_nchan_module.so";
    private const int DescriptorsMax = 20_000;
    private const int KeptMax = 100;

    public static bool IsInstalled => File.Exists(Module);

    /// <param name="directory">For what it writes.</param>
    /// <returns>The arguments of nginx.</returns>
    public static string[] Arguments(string directory, int port, int redis)
    {
        var path = Path.Combine(directory, "nginx.conf");
        File.WriteAllText(path, $$"""
            load_module {{Module}};
            daemon off;
            pid {{directory}}/nginx.pid;
            worker_processes 1;
            worker_rlimit_nofile {{DescriptorsMax}};
            events { worker_connections {{DescriptorsMax}}; }
            http {
              access_log off;
              client_body_temp_path {{directory}}/body;
              proxy_temp_path {{directory}}/proxy;
              fastcgi_temp_path {{directory}}/fastcgi;
              uwsgi_temp_path {{directory}}/uwsgi;
              scgi_temp_path {{directory}}/scgi;
              nchan_shared_memory_size 256M;
              upstream redis { nchan_redis_server redis://127.0.0.1:{{redis}}; }
              server {
                listen 127.0.0.1:{{port}} backlog=4096;
                location = {{ReadyPath}} { return 200 "ready"; }
                location ~ ^/room/(.+)$ {
                  nchan_pubsub websocket;
                  nchan_channel_id $1;
                  nchan_redis_pass redis;
                  nchan_message_buffer_length {{KeptMax}};
                  nchan_message_timeout 1h;
                  nchan_subscriber_first_message newest;
                }
              }
            }
            """);
        return ["-p", directory, "-e", "stderr", "-c", path];
    }
}
